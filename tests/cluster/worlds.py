"""A world on a real API server and TFJob controller; pachd and the node are local."""

import uuid
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

from cluster.rig.control_plane import ControlPlane
from integration.operators import hang_up
from integration.world import IMAGES, ROOT, World
from local_cluster.faults import Faults
from local_cluster.kube.client import Door, KubeClient
from local_cluster.node import Node, Patience
from local_cluster.pachd import Pachd
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.settings import Settings

__all__ = ["RealCluster", "RealWorld", "install_operator", "make_namespace"]

_BASE = ROOT / "deploy" / "kustomize" / "base"


def install_operator(plane: ControlPlane) -> str:
    """Apply what is shipped; return a token of the operator's ServiceAccount."""
    manifests = plane.kubectl("kustomize", str(_BASE))
    how = ("--server-side", "--force-conflicts")
    plane.kubectl("apply", *how, "-f", "-", given=manifests)
    return plane.account_token("mnist-operator", "mnist-operator")


def make_namespace(plane: ControlPlane) -> str:
    """Make a namespace of a test's own; with the control plane it goes."""
    name = f"team-{uuid.uuid4().hex[:8]}"
    plane.call("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    return name


class RealCluster:
    """What a `World` needs of a cluster; the control plane is there already."""

    def __init__(
        self, plane: ControlPlane, folder: Path, faults: Faults, **pachd: Any
    ) -> None:
        self.plane = plane
        self.faults = faults
        self.kubeconfig = folder / "kubeconfig"
        self.pachd = Pachd(folder / "pachd", faults=faults, **pachd)
        self.door = Door(plane.url, plane.token, plane.ca)
        self.node = Node(self.door, folder, IMAGES, patience=Patience(0.2, 0.1, 1.0))
        self._stack = AsyncExitStack()

    @property
    def pachd_address(self) -> str:
        """Where pachd's gRPC API listens."""
        return self.pachd.address

    @property
    def s3_endpoint(self) -> str:
        """Where pachd's S3 gateway listens."""
        return self.pachd.s3_endpoint

    async def start(self, *, with_node: bool = True) -> None:
        """Start what is local."""
        await self._stack.enter_async_context(self.pachd)
        if with_node:
            await self._stack.enter_async_context(self.node)

    async def stop(self) -> None:
        """Stop it."""
        await self._stack.aclose()


class RealWorld(World):
    """The same user, in a namespace of a real cluster.

    Without a node the test itself says what becomes of the pods.
    """

    def __init__(
        self,
        folder: Path,
        plane: ControlPlane,
        namespace: str,
        account: str,
        *,
        with_node: bool = True,
        **pachd_options: Any,
    ) -> None:
        super().__init__(folder, **pachd_options)
        options = {"finish_seconds": 0.01, **pachd_options}
        self.cluster = RealCluster(plane, folder, self.faults, **options)  # type: ignore[assignment]
        self.plane = plane
        self.namespace = namespace
        self._account = account
        self._with_node = with_node

    async def __aenter__(self) -> Self:
        """Start pachd and the node, and let user and operator in."""
        cluster: Any = self.cluster
        await cluster.start(with_node=self._with_node)
        self.kube = await KubeClient(cluster.door, "test").__aenter__()
        self.pachyderm = Pachyderm(self.connection)
        self.let_in(self.plane.url)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop it, and let the watches through TLS come to their end."""
        await super().__aexit__()
        await hang_up()

    def let_in(self, server: str) -> None:
        """Let the operator in as its ServiceAccount; `server` may be a wire between."""
        path = self.cluster.kubeconfig
        self.plane.write_kubeconfig(path, self._account, server=server)

    @property
    def settings(self) -> Settings:
        """The operator's settings: it serves this namespace alone."""
        return super().settings.model_copy(update={"namespaces": self.namespace})

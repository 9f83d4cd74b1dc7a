"""A whole cluster on one machine: pachd, a Kubernetes API, TFJobs and a node."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

from local_cluster.faults import Faults
from local_cluster.kube import KubeServer
from local_cluster.kube.client import ClientError, KubeClient, path_of
from local_cluster.node import Image, Node, Patience
from local_cluster.pachd import Pachd
from local_cluster.tfjobs import TFJOB_CRD, TFJobController
from local_cluster.tfjobs.webhook import review

__all__ = ["LocalCluster"]

_CRDS = path_of("apiextensions.k8s.io/v1", "customresourcedefinitions")
_EXISTS = 409


class LocalCluster:
    """Everything that a real installation needs around the operator."""

    def __init__(
        self,
        root: Path,
        *,
        images: Mapping[str, Image] | None = None,
        faults: Faults | None = None,
        kube_port: int = 0,
        patience: Patience | None = None,
        **pachd_options: Any,
    ) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.faults = faults or Faults()
        self.kubeconfig = root / "kubeconfig"
        self.pachd = Pachd(root / "pachd", faults=self.faults, **pachd_options)
        self.kube = KubeServer(
            root / "kube",
            port=kube_port,
            faults=self.faults,
            reviews={"tfjobs.kubeflow.org": review},
        )
        self._root = root
        self._images = {} if images is None else images
        self._patience = patience
        self._node: Node | None = None
        self._tfjobs: TFJobController | None = None
        self._stack = AsyncExitStack()

    @property
    def pachd_address(self) -> str:
        """Where pachd's gRPC API listens."""
        return self.pachd.address

    @property
    def s3_endpoint(self) -> str:
        """Where pachd's S3 gateway listens."""
        return self.pachd.s3_endpoint

    @property
    def node(self) -> Node:
        """The one node, once the cluster was started."""
        if self._node is None:
            raise RuntimeError("the cluster has not been started")
        return self._node

    @property
    def tfjobs(self) -> TFJobController:
        """The TFJob controller, once the cluster was started."""
        if self._tfjobs is None:
            raise RuntimeError("the cluster has not been started")
        return self._tfjobs

    async def start(self) -> None:
        """Start all parts, each when what it needs is there."""
        async with AsyncExitStack() as stack:
            await self.pachd.start()
            stack.push_async_callback(self.pachd.stop)
            await self.kube.start()
            stack.push_async_callback(self.kube.stop)
            self.kube.write_kubeconfig(self.kubeconfig)
            await _install(self.kube.url)
            self._tfjobs = TFJobController(self.kube.url)
            await stack.enter_async_context(self._tfjobs)
            self._node = Node(
                self.kube.url, self._root, self._images, patience=self._patience
            )
            await stack.enter_async_context(self._node)
            self._stack = stack.pop_all()

    async def stop(self) -> None:
        """Stop all parts, those that need others first."""
        await self._stack.aclose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


async def _install(url: str) -> None:
    async with KubeClient(url, "local-cluster") as client:
        try:
            await client.call("POST", _CRDS, TFJOB_CRD)
        except ClientError as error:
            if error.code != _EXISTS:
                raise

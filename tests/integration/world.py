"""A world for one test: the local cluster, and what a user does there.

`operators` has the operator itself.
"""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from integration.definition import definition
from integration.pushes import (
    DATA_PATH,
    DEADLINE_SECONDS,
    INPUT,
    NAMESPACE,
    OUTPUT,
    RUNS,
    Pushes,
    until,
)
from local_cluster.cluster import LocalCluster
from local_cluster.faults import Faults
from local_cluster.kube.client import ClientError, KubeClient, path_of
from local_cluster.node import Image, Patience
from mnist_operator.pachyderm import Connection, Pachyderm
from mnist_operator.resource import (
    GROUP,
    KIND,
    PLURAL,
    REQUESTED_AT,
    REQUESTED_COMMIT,
    VERSION,
)
from mnist_operator.settings import Settings

__all__ = [
    "DATA_PATH",
    "DEADLINE_SECONDS",
    "EARLIEST",
    "IMAGE",
    "IMAGES",
    "INPUT",
    "NAMESPACE",
    "NEXT_IMAGE",
    "OUTPUT",
    "PEERS_IMAGE",
    "PODS",
    "REAL_IMAGE",
    "ROOT",
    "RUNS",
    "TFJOBS",
    "TRAININGS",
    "World",
    "environment",
    "until",
]

ROOT = Path(__file__).resolve().parents[2]
IMAGE, REAL_IMAGE = "tiny/trainer:1", "mnist-operator/trainer:0.1.0"
NEXT_IMAGE = "tiny/trainer:2"
PEERS_IMAGE = "tiny/peers:1"
# Alone with the standard library it starts five times as fast.
_PYTHON = (sys.executable, "-I", "-S")
_TINY = Image((*_PYTHON, str(Path(__file__).with_name("tiny_trainer.py"))))
IMAGES = {
    IMAGE: _TINY,
    NEXT_IMAGE: _TINY,
    PEERS_IMAGE: Image((*_PYTHON, str(Path(__file__).with_name("peers_trainer.py")))),
    REAL_IMAGE: Image(
        (str(ROOT / ".venv/trainer/bin/python"), "-m", "mnist_trainer"),
        {"PYTHONPATH": str(ROOT / "trainer"), "SOURCE_REVISION": "0" * 40},
    ),
}
EARLIEST = {"startFrom": "Earliest"}
"""For tests that push several commits at once: none is older than the start."""
TRAININGS = path_of(f"{GROUP}/{VERSION}", PLURAL, (NAMESPACE, ""))
TFJOBS = path_of("kubeflow.org/v1", "tfjobs", (NAMESPACE, ""))
PODS = path_of("v1", "pods", (NAMESPACE, ""))


def environment(job: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The variables of a TFJob's container, by name."""
    pod = job["spec"]["tfReplicaSpecs"]["Worker"]["template"]["spec"]
    return {each["name"]: each for each in pod["containers"][0]["env"]}


class World(Pushes):
    """Everything around the operator, and the hands of a user."""

    def __init__(self, folder: Path, **pachd_options: Any) -> None:
        self.folder = folder
        self.faults = Faults()
        self._token: str | None = pachd_options.get("token")
        self._tls: tuple[Path, Path] | None = pachd_options.get("tls")
        cluster = LocalCluster(
            folder,
            images=IMAGES,
            faults=self.faults,
            patience=Patience(0.2, 0.1, 1.0),
            **{"finish_seconds": 0.01, **pachd_options},
        )
        super().__init__(cluster)
        self.kube = KubeClient("", "test")

    async def __aenter__(self) -> Self:
        await self.cluster.start()
        self.kube = await KubeClient(self.cluster.kube.url, "test").__aenter__()
        self.pachyderm = Pachyderm(self.connection)
        crd = definition()
        definitions = path_of(crd["apiVersion"], "customresourcedefinitions")
        await self.kube.call("POST", definitions, crd)
        namespace = {"metadata": {"name": self.namespace}}
        with suppress(ClientError):
            await self.kube.call("POST", path_of("v1", "namespaces"), namespace)
        self.local.append(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self in self.local:
            self.local.remove(self)
        await self.pachyderm.close()
        await self.kube.__aexit__()
        await self.cluster.stop()

    @property
    def connection(self) -> Connection:
        """The user's own way to pachd, with token and CA where it has them."""
        ca = self._tls[0].read_bytes() if self._tls else None
        address = self.cluster.pachd_address
        return Connection(address, self._token, ca, tls=ca is not None)

    @property
    def settings(self) -> Settings:
        """The operator's settings in this world; looks come soon after one another."""
        return Settings(
            pachd_address=self.cluster.pachd_address,
            s3_endpoint=self.cluster.s3_endpoint,
            trainer_image=IMAGE,
            kubeconfig=self.cluster.kubeconfig,
            health_port=0,
            poll_seconds=0.5,
            resync_seconds=5.0,
        )

    # --- Kubernetes -----------------------------------------------------------------

    @property
    def trainings(self) -> str:
        """The path of the user's MnistTrainings."""
        return path_of(f"{GROUP}/{VERSION}", PLURAL, (self.namespace, ""))

    @property
    def tfjobs(self) -> str:
        """The path of their TFJobs."""
        return path_of("kubeflow.org/v1", "tfjobs", (self.namespace, ""))

    def core(self, plural: str) -> str:
        """The path of other objects beside them: pods, events, secrets."""
        return path_of("v1", plural, (self.namespace, ""))

    async def apply(self, name: str = "mnist", **spec: Any) -> dict[str, Any]:
        """Create a MnistTraining; keywords are fields of its spec."""
        body = {
            "apiVersion": f"{GROUP}/{VERSION}",
            "kind": KIND,
            "metadata": {"name": name},
            "spec": spec,
        }
        return await self.kube.call("POST", self.trainings, body)

    async def change(self, name: str = "mnist", **spec: Any) -> None:
        """Merge fields into the spec."""
        await self.kube.call("PATCH", f"{self.trainings}/{name}", {"spec": spec})

    async def ask(self, at: str | None, commit: str | None = None) -> None:
        """Ask for a run by annotation; None takes an annotation away."""
        annotations = {REQUESTED_AT: at, REQUESTED_COMMIT: commit}
        patch = {"metadata": {"annotations": annotations}}
        await self.kube.call("PATCH", f"{self.trainings}/mnist", patch)

    async def delete(self, name: str = "mnist") -> None:
        """Delete a MnistTraining, and wait until it is gone."""
        await self.kube.call("DELETE", f"{self.trainings}/{name}")
        await until(lambda: self._is_gone(name), "the end of the MnistTraining")

    async def _is_gone(self, name: str) -> bool:
        try:
            await self.kube.call("GET", f"{self.trainings}/{name}")
        except ClientError:
            return True
        return False

    async def status(self, name: str = "mnist") -> dict[str, Any]:
        """The status of a MnistTraining; empty before the first."""
        return dict(
            (await self.kube.call("GET", f"{self.trainings}/{name}")).get("status", {})
        )

    async def condition(self, kind: str = "Ready", name: str = "mnist") -> Any:
        """One condition: an empty object before there is one."""
        found = (await self.status(name)).get("conditions", [])
        return next((each for each in found if each["type"] == kind), {})

    async def reason(self, reason: str, name: str = "mnist") -> Any:
        """Wait until the conditions give a reason; return the Ready condition."""

        async def look() -> Any:
            found = await self.condition(name=name)
            return found if found.get("reason") == reason else None

        return await until(look, f"reason {reason}")

    async def shows(self, reason: str = "", **fields: Any) -> dict[str, Any]:
        """Wait until the status shows all of this at once; return it."""

        async def look() -> dict[str, Any]:
            status = await self.status()
            said = {each["reason"] for each in status.get("conditions", [])}
            shown = {name: status.get(name) for name in fields}
            found = shown == fields and (not reason or reason in said)
            return status if found else {}

        try:
            return dict(await until(look))
        except AssertionError:
            last = await self.status()
            raise AssertionError(f"{reason} {fields} never came: {last}") from None

    async def jobs(self) -> list[dict[str, Any]]:
        """All TFJobs, oldest first."""
        found = (await self.kube.call("GET", self.tfjobs))["items"]
        return sorted(found, key=lambda each: int(each["metadata"]["resourceVersion"]))

    async def events(self, name: str = "mnist") -> list[dict[str, Any]]:
        """Events about a MnistTraining."""
        items = (await self.kube.call("GET", self.core("events")))["items"]
        return [
            each
            for each in items
            if each["involvedObject"]["kind"] == KIND
            and each["involvedObject"]["name"] == name
        ]

    async def told(self, reason: str, name: str = "mnist") -> list[str]:
        """The messages of the Events with one reason."""
        found = await self.events(name)
        return [each["message"] for each in found if each["reason"] == reason]

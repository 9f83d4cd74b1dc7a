"""A world for one test: the local cluster, and what a user does there.

`operators` has the operator itself.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any, Self

import yaml

from local_cluster.cluster import LocalCluster
from local_cluster.faults import Faults
from local_cluster.kube.client import ClientError, KubeClient, path_of
from local_cluster.node import Image, Patience
from mnist_operator.commits import Branch, Commit, CommitState, Repo
from mnist_operator.ledger import LEDGER_FILE, Entry, Ledger
from mnist_operator.lineage import Model, read_model
from mnist_operator.pachyderm import Connection, DeletePath, Pachyderm, PutFile
from mnist_operator.resource import GROUP, KIND, PLURAL, VERSION
from mnist_operator.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_SECONDS = 60.0
NAMESPACE = "team"
IMAGE, REAL_IMAGE = "tiny/trainer:1", "mnist-operator/trainer:0.1.0"
IMAGES = {
    IMAGE: Image((sys.executable, str(Path(__file__).with_name("tiny_trainer.py")))),
    REAL_IMAGE: Image(
        (str(ROOT / ".venv/trainer/bin/python"), "-m", "mnist_trainer"),
        {"PYTHONPATH": str(ROOT / "trainer"), "SOURCE_REVISION": "0" * 40},
    ),
}
INPUT = Branch(Repo("default", "inputrepo"), "master")
OUTPUT = Branch(Repo("default", "outputrepo"), "master")
RUNS = Repo("default", "outputrepo_runs")
DATA_PATH = "/data/mnist.npz"
EARLIEST = {"startFrom": "Earliest"}
"""For tests that push several commits at once: none is older than the start."""
TRAININGS = path_of(f"{GROUP}/{VERSION}", PLURAL, (NAMESPACE, ""))
TFJOBS = path_of("kubeflow.org/v1", "tfjobs", (NAMESPACE, ""))
PODS = path_of("v1", "pods", (NAMESPACE, ""))
_EVENTS = path_of("v1", "events", (NAMESPACE, ""))


async def until(
    look: Callable[[], Awaitable[Any]],
    what: str = "it",
    *,
    seconds: float = DEADLINE_SECONDS,
) -> Any:
    """Look again and again until what comes back is true; return that."""
    last: Any = None
    try:
        async with asyncio.timeout(seconds):
            while not (last := await look()):
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"{what} never came, last: {last!r}") from None
    return last


def environment(job: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The variables of a TFJob's container, by name."""
    pod = job["spec"]["tfReplicaSpecs"]["Worker"]["template"]["spec"]
    return {each["name"]: each for each in pod["containers"][0]["env"]}


class World:
    """Everything around the operator, and the hands of a user."""

    def __init__(self, folder: Path, **pachd_options: Any) -> None:
        self.folder = folder
        self.faults = Faults()
        self._token: str | None = pachd_options.get("token")
        self._tls: tuple[Path, Path] | None = pachd_options.get("tls")
        self.cluster = LocalCluster(
            folder,
            images=IMAGES,
            faults=self.faults,
            patience=Patience(0.2, 0.1, 1.0),
            **{"finish_seconds": 0.01, **pachd_options},
        )
        self.kube = KubeClient("", "test")
        self.pachyderm = Pachyderm(Connection("127.0.0.1:1"))

    async def __aenter__(self) -> Self:
        await self.cluster.start()
        self.kube = await KubeClient(self.cluster.kube.url, "test").__aenter__()
        self.pachyderm = Pachyderm(self.connection)
        crd = yaml.safe_load((ROOT / "crds" / "mnisttraining.yaml").read_text())
        definitions = path_of(crd["apiVersion"], "customresourcedefinitions")
        await self.kube.call("POST", definitions, crd)
        namespace = {"metadata": {"name": NAMESPACE}}
        with suppress(ClientError):
            await self.kube.call("POST", path_of("v1", "namespaces"), namespace)
        return self

    async def __aexit__(self, *_: object) -> None:
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

    async def apply(self, name: str = "mnist", **spec: Any) -> dict[str, Any]:
        """Create a MnistTraining; keywords are fields of its spec."""
        body = {
            "apiVersion": f"{GROUP}/{VERSION}",
            "kind": KIND,
            "metadata": {"name": name},
            "spec": spec,
        }
        return await self.kube.call("POST", TRAININGS, body)

    async def change(self, name: str = "mnist", **spec: Any) -> None:
        """Merge fields into the spec."""
        await self.kube.call("PATCH", f"{TRAININGS}/{name}", {"spec": spec})

    async def delete(self, name: str = "mnist") -> None:
        """Delete a MnistTraining, and wait until it is gone."""
        await self.kube.call("DELETE", f"{TRAININGS}/{name}")
        await until(lambda: self._is_gone(name), "the end of the MnistTraining")

    async def _is_gone(self, name: str) -> bool:
        try:
            await self.kube.call("GET", f"{TRAININGS}/{name}")
        except ClientError:
            return True
        return False

    async def status(self, name: str = "mnist") -> dict[str, Any]:
        """The status of a MnistTraining; empty before the first."""
        return dict(
            (await self.kube.call("GET", f"{TRAININGS}/{name}")).get("status", {})
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

    async def jobs(self) -> list[dict[str, Any]]:
        """All TFJobs, oldest first."""
        found = (await self.kube.call("GET", TFJOBS))["items"]
        return sorted(found, key=lambda each: int(each["metadata"]["resourceVersion"]))

    async def events(self, name: str = "mnist") -> list[dict[str, Any]]:
        """Events about a MnistTraining."""
        items = (await self.kube.call("GET", _EVENTS))["items"]
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

    # --- Pachyderm ------------------------------------------------------------------

    async def create_repo(self, branch: Branch = INPUT) -> None:
        """Create a repo with an empty branch."""
        await self.pachyderm.create_repo(branch.repo)

    async def push(
        self, branch: Branch = INPUT, *, error: str | None = None, **data: Any
    ) -> str:
        """One finished commit with the data of the tiny trainer; returns its ID."""
        commit = await self.open_commit(branch, **data)
        await self.pachyderm.finish_commit(branch.repo, commit, error=error)
        await self.pachyderm.commit(branch.repo, commit, wait_finished=True)
        return commit

    async def open_commit(self, branch: Branch = INPUT, **data: Any) -> str:
        """The same, not finished yet."""
        commit = await self.pachyderm.start_commit(branch, description="")
        content = json.dumps(data).encode()
        changes = [DeletePath(DATA_PATH), PutFile(DATA_PATH, content)]
        await self.pachyderm.modify(branch.repo, commit, changes)
        return commit

    async def commits(self, branch: Branch = OUTPUT) -> list[Commit]:
        """A branch's commits, oldest first."""
        history = self.pachyderm.history(branch.repo, branch)
        async with aclosing(history):
            return [commit async for commit in history][::-1]

    async def models(self, branch: Branch = OUTPUT) -> list[Model]:
        """What is published, oldest first: finished commits that name their input."""
        found = [
            read_model(commit)
            for commit in await self.commits(branch)
            if commit.state is CommitState.FINISHED
        ]
        return [model for model in found if model is not None]

    async def model_of(self, commit: str, branch: Branch = OUTPUT) -> Model:
        """Wait for the model of an input commit."""

        async def look() -> Model | None:
            models = await self.models(branch)
            named = [each for each in models if each.input_commit == commit]
            return named[0] if named else None

        found: Model = await until(look, f"the model of {commit}")
        return found

    async def trained(self) -> list[str]:
        """The input commits that have models, in the order of these."""
        return [model.input_commit for model in await self.models()]

    async def content(self, repo: Repo, commit: str, path: str) -> Any:
        """A JSON file of a commit; None when it is not there."""
        found = await self.pachyderm.read(repo, commit, path)
        return None if found is None else json.loads(found)

    async def paths(self, repo: Repo, commit: str) -> list[str]:
        """The paths of all files in a commit."""
        return [each.path for each in await self.pachyderm.files(repo, commit)]

    async def ledger(self, name: str = "mnist") -> Ledger:
        """What was decided so far."""
        branch = Branch(RUNS, f"{NAMESPACE}_{name}_ledger")
        head = await self.pachyderm.branch_head_id(branch)
        if head is None:
            return Ledger()
        content = await self.pachyderm.read(RUNS, head, LEDGER_FILE, limit=1 << 20)
        return Ledger.parse(content or b"")

    async def decision(self, commit: str, name: str = "mnist") -> Entry:
        """Wait for what is decided about an input commit."""

        async def look() -> Entry | None:
            recent = (await self.ledger(name)).recent
            return next((each for each in recent if each.commit == commit), None)

        found: Entry = await until(look, f"a decision about {commit}")
        return found

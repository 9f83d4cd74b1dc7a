"""mnistctl as a program of its own, and what the operator leaves behind for it.

Models are published by the operator's own publisher; what it never writes (a record
that was changed, a stranger's commit) is written by hand. So is the status of a
MnistTraining, in a cluster without an operator: it comes when a test wants it.
"""

from base64 import b64encode
from datetime import UTC, datetime

from integration.definition import definition
from integration.mnistctl_programs import (
    DEADLINE_SECONDS,
    Answer,
    Program,
    Running,
    fork_mnistctl,
    run_mnistctl,
)
from local_cluster.faults import Faults
from local_cluster.kube import KubeServer
from local_cluster.kube.client import KubeClient, path_of
from mnist_operator import places, runs
from mnist_operator.commits import Branch, Repo
from mnist_operator.decisions import to_lines
from mnist_operator.ledger import LEDGER_FILE, Ledger
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.pachyderm import PutFile
from mnist_operator.publisher import Publisher
from mnist_operator.resource import (
    GROUP,
    KIND,
    PLURAL,
    VERSION,
    MnistTraining,
    Output,
    Spec,
)
from mnist_operator.runs import Outcome, Verdict
from unit import mnistctl_records as records

__all__ = [
    "DEADLINE_SECONDS",
    "INPUT",
    "OUTPUT",
    "TRAINING",
    "Answer",
    "Cluster",
    "Program",
    "Running",
    "World",
    "fork_mnistctl",
    "run_mnistctl",
]

OUTPUT = Branch(Repo("default", "outputrepo"), "master")
# Its input commits are names alone, of which no model can come natively.
_SPEC = Spec(output=Output(provenance="Metadata"))
TRAINING = MnistTraining(namespace="default", name="mnist", uid="uid-1", spec=_SPEC)
INPUT = "5b77a6c1a16d496b83f8a78a05179168"


class World:
    """What the operator would have left in Pachyderm."""

    def __init__(self, client):
        self.client = client
        self.ledger = Ledger()

    async def start(self):
        for repo in (OUTPUT.repo, places.run_repo(TRAINING)):
            await self.client.create_repo(repo)

    async def publish(self, *, input_commit=INPUT, accuracy=0.9933, remember=True):
        """One attempt that went well, published; gives back the ledger's entry."""
        attempt = await self.train(input_commit, accuracy)
        publisher = Publisher(self.client, TRAINING)
        entry = await publisher.publish(attempt, self.ledger, now=datetime.now(UTC))
        if remember:
            await self.remember(entry)
        return entry

    async def train(self, input_commit=INPUT, accuracy=0.9933):
        """One attempt that went well, and is not published yet."""
        opened = await self.open(input_commit)
        branch, staging = places.slot_branch(TRAINING), opened.staging
        spec = runs.run_spec(TRAINING, default_image=records.IMAGE)
        model = f"model {accuracy}".encode()
        manifest = records.manifest({"/my_model.h5": model}, accuracy=accuracy)
        asked = runs.build_request(opened, spec)
        await self.client.modify(
            branch.repo,
            staging,
            [
                PutFile(runs.ATTEMPT_FILE, runs.canonical(asked)),
                PutFile("/run.json", runs.canonical(manifest)),
                PutFile("/my_model.h5", model),
            ],
        )
        return await self.close(opened, Outcome(Verdict.SUCCEEDED))

    async def open(self, input_commit=INPUT, number=1, *, slot=0, request=""):
        """An attempt that has just begun."""
        spec = runs.run_spec(TRAINING, default_image=records.IMAGE)
        branch = places.slot_branch(TRAINING, slot)
        planned = runs.new_attempt(
            TRAINING,
            input_commit,
            number,
            runs.digest(spec),
            opened=datetime.now(UTC),
            request=request,
        )
        staging = await self.client.start_commit(
            branch, description=runs.describe_attempt(planned)
        )
        return runs.read_attempt(await self.client.commit(branch.repo, staging))

    async def close(self, opened, outcome):
        """The end of an attempt."""
        repo, staging = places.run_repo(TRAINING), opened.staging
        facts = records.ended(staging=staging, training=TRAINING)
        description = runs.describe_outcome(opened, outcome, facts)
        await self.client.finish_commit(repo, staging, description=description)
        closed = await self.client.commit(repo, staging, wait_finished=True)
        return runs.read_attempt(closed)

    async def remember(self, *entries):
        branch = places.ledger_branch(TRAINING)
        await self.client.append(branch, LEDGER_FILE, to_lines(entries))
        self.ledger = self.ledger.extended(entries)

    async def write(self, description, content=b"{}", *, branch=OUTPUT, **finish):
        """A commit that the publisher would not write."""
        commit = await self.client.start_commit(branch, description=description)
        await self.client.modify(branch.repo, commit, [PutFile(LINEAGE_FILE, content)])
        await self.client.finish_commit(branch.repo, commit, **finish)
        await self.client.commit(branch.repo, commit, wait_finished=True)
        return commit


class Cluster:
    """A Kubernetes API that knows MnistTrainings, and nobody who serves them."""

    def __init__(self, folder):
        self.faults = Faults()
        self.server = KubeServer(folder / "kube", faults=self.faults)
        self.kubeconfig = folder / "kubeconfig"

    async def __aenter__(self):
        await self.server.start()
        self.server.write_kubeconfig(self.kubeconfig)
        self._client = await KubeClient(self.server.url, "test").__aenter__()
        crd = definition()
        definitions = path_of(crd["apiVersion"], "customresourcedefinitions")
        await self._client.call("POST", definitions, crd)
        team = {"metadata": {"name": "team"}}
        await self._client.call("POST", path_of("v1", "namespaces"), team)
        return self

    async def __aexit__(self, *_):
        await self._client.__aexit__()
        await self.server.stop()

    async def create(self, name, *, namespace="default", status=None, spec=None):
        meta = {"name": name, "namespace": namespace}
        body = {"apiVersion": f"{GROUP}/{VERSION}", "kind": KIND, "metadata": meta}
        path = path_of(f"{GROUP}/{VERSION}", PLURAL, (namespace, ""))
        created = await self._client.call("POST", path, body | {"spec": spec or {}})
        if status is not None:
            await self.tell(name, status, namespace=namespace)
        return created

    async def secret(self, name, values, *, namespace="default"):
        """A Secret, by its values."""
        path = path_of("v1", "secrets", (namespace, ""))
        body = {"metadata": {"name": name}, "stringData": values}
        await self._client.call("POST", path, body)

    async def change_secret(self, name, values, *, namespace="default"):
        """Put other values into a Secret."""
        path = path_of("v1", "secrets", (namespace, name))
        data = {key: b64encode(text.encode()).decode() for key, text in values.items()}
        await self._client.call("PATCH", path, {"data": data})

    async def deploy(self, status, *, namespace="team"):
        """The operator's Deployment, as it is installed, with this status."""
        name, label = "mnist-operator", "app.kubernetes.io/name"
        body = {"metadata": {"name": name, "labels": {label: name}}, "spec": {}}
        path = path_of("apps/v1", "deployments", (namespace, ""))
        await self._client.call("POST", path, body)
        told = path_of("apps/v1", "deployments", (namespace, name))
        await self._client.call("PATCH", f"{told}/status", {"status": status})

    async def tell(self, name, status, *, namespace="default"):
        """Write fields of a status, as the operator would."""
        path = f"{self._path(name, namespace)}/status"
        await self._client.call("PATCH", path, {"status": status})

    async def change(self, name, **spec):
        await self._client.call("PATCH", self._path(name), {"spec": spec})

    async def delete(self, name):
        await self._client.call("DELETE", self._path(name))

    async def read(self, name):
        """As Kubernetes has it."""
        return await self._client.call("GET", self._path(name))

    def _path(self, name, namespace="default"):
        return path_of(f"{GROUP}/{VERSION}", PLURAL, (namespace, name))

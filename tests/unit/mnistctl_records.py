"""What the operator leaves behind, for every test of mnistctl: records and status."""

import hashlib
from datetime import UTC, datetime, timedelta

from mnist_operator import lineage, runs
from mnist_operator.cli.models import Found
from mnist_operator.commits import Commit, File, Repo
from mnist_operator.evidence import Evidence, HashedFile
from mnist_operator.resource import MnistTraining, Spec
from mnist_operator.runs import Attempt

OUTPUT = Repo("default", "outputrepo")
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
TRAINING = MnistTraining(
    namespace="team", name="mnist", uid="uid-1", generation=2, spec=Spec()
)
INPUT_COMMIT = "5b77a6c1a16d496b83f8a78a05179168"
STAGING = "233f354619c84d15a0d3b6a7cf2a1b11"
IMAGE = "images.example.org/trainer:1"
IMAGE_SHA256 = "1" * 64
REVISION = "9fceb02d0ae598e95dc970b74767f19372d61af8"


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def asked():
    """attempt.json."""
    spec = runs.run_spec(TRAINING, default_image=IMAGE)
    attempt = Attempt(
        staging=STAGING,
        training=TRAINING.key,
        uid=TRAINING.uid,
        commit=INPUT_COMMIT,
        number=1,
        digest=runs.digest(spec),
        opened=NOON,
        generation=TRAINING.generation,
        operator="0.1.0",
    )
    return runs.build_request(attempt, spec)


def ended(*, staging=STAGING, training=TRAINING):
    """Where and when a run was."""
    return {
        "tfjob": runs.job_name(training.name, staging),
        "tfjobUid": "uid-job",
        "pod": "mnist-pod",
        "node": "node-1",
        "imageID": f"images.example.org/trainer@sha256:{IMAGE_SHA256}",
        "startedAt": "2026-03-31T11:00:00Z",
        "endedAt": "2026-03-31T11:01:00Z",
    }


def manifest(files, *, accuracy=0.9933):
    """run.json, for files as a mapping from path to content."""
    return {
        "startedAt": "2026-03-31T11:00:05Z",
        "finishedAt": "2026-03-31T11:00:55Z",
        "input": [{"path": "data/mnist.npz", "size": 4, "sha256": sha256(b"data")}],
        "files": [{"path": p, "sha256": sha256(c)} for p, c in files.items()],
        "metrics": {"accuracy": accuracy, "loss": 0.0213},
        "parameters": {"epochs": 1, "batchSize": 128, "learningRate": "0.02"},
        "environment": {
            "sourceRevision": REVISION,
            "sourceUrl": "git+https://example.org/mnist",
        },
    }


def evidence(*, previous="", **manifest_changes):
    files = {"/my_model.h5": b"model", "/run.json": b"{}"}
    return Evidence(
        attempt=asked(),
        facts=ended(),
        manifest={**manifest({"/my_model.h5": b"model"}), **manifest_changes},
        files=[HashedFile(p, len(c), sha256(c)) for p, c in files.items()],
        previous=previous,
    )


def record(one=None, *, number=1, metadata=True):
    """An output commit, its lineage.json and its files."""
    one = one or evidence()
    content = runs.canonical(lineage.build_statement(one))
    digest = sha256(content)
    finished = NOON + timedelta(minutes=number)
    entries = lineage.metadata_entries(one, statement_sha256=digest)
    commit = output_commit(
        number,
        description=lineage.describe_model(one, statement_sha256=digest),
        finished=finished,
        metadata=entries if metadata else {},
    )
    own = File(lineage.LINEAGE_FILE, len(content), "")
    return commit, content, [*(File(f.path, f.size, "") for f in one.files), own]


def output_commit(number=1, *, finished=NOON, **values):
    values = {
        "id": f"{number:04x}" * 8,
        "repo": OUTPUT,
        "parent": None,
        "description": "",
        "started": (finished or NOON) - timedelta(seconds=1),
        "finished": finished,
        **values,
    }
    return Commit(**values)


def found(commit, *, branch="", passed=()):
    return Found(commit, lineage.read_model(commit), branch, tuple(passed))


def decision(commit, kind="Published", **values):
    """An item of a status's history."""
    item = {
        "commit": commit,
        "decision": kind,
        "time": "2026-03-31T12:00:00Z",
        "attempt": 1,
        "tfjob": f"mnist-{commit[:12]}",
    }
    if kind == "Published":
        item |= {"modelCommit": commit[::-1], "accuracy": "0.9933"}
    else:
        item |= {"reason": "DataInvalid", "message": "x_train is missing"}
    return item | values


def status_of(
    reason="UpToDate",
    ready="True",
    *,
    message="All is said.",
    stalled=False,
    reconciling=False,
    published="",
    history=(),
    pending=0,
    **values,
):
    """A status, as far as a test cares."""
    flags = {"Ready": ready, "Reconciling": str(reconciling), "Stalled": str(stalled)}
    if published:
        history = [decision(published), *history]
        values |= {
            "lastTrainedCommit": published,
            "lastModelCommit": published[::-1],
            "lastAccuracy": "0.9933",
        }
    conditions = [
        {
            "type": kind,
            "status": status,
            "reason": reason,
            "message": message,
            "observedGeneration": 1,
            "lastTransitionTime": "2026-03-31T12:00:00Z",
        }
        for kind, status in flags.items()
    ]
    return {
        "observedGeneration": 1,
        "conditions": conditions,
        "pendingCommits": pending,
        "history": [*history],
        "active": [],
        **values,
    }

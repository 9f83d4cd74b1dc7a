"""One successful run as it is read back from Pachyderm, for tests of its record."""

from mnist_operator import lineage, runs
from mnist_operator.evidence import Evidence, HashedFile
from unit.builders import IMAGE, ident, staging_id, training

MODEL = HashedFile("/my_model.h5", 1000, "aa" * 32)
CURVE = HashedFile("/report/training_curve.png", 50, "bb" * 32)
MANIFEST_FILE = HashedFile("/run.json", 20, "cc" * 32)
REVISION = "0123456789abcdef0123456789abcdef01234567"


def listed(*files):
    return [{"path": f.path, "sha256": f.sha256, "bytes": f.size} for f in files]


MANIFEST = {
    "version": 1,
    "input": [{"path": "/data/mnist.npz", "sha256": "dd" * 32, "bytes": 11}],
    "files": listed(MODEL, CURVE),
    "metrics": {"accuracy": 0.98126, "loss": 0.06},
    "parameters": {"epochs": 2, "seed": 7},
    "environment": {"python": "3.11", "sourceRevision": REVISION},
    "startedAt": "2026-01-01T11:00:05Z",
    "finishedAt": "2026-01-01T11:02:00Z",
}
RECORD = {
    "tfjob": "mnist-a011a011a011",
    "tfjobUid": "j1",
    "pod": "mnist-a011a011a011-worker-0",
    "node": "node-1",
    "imageID": "docker.io/trainer@sha256:" + "ee" * 32,
    "startedAt": "2026-01-01T11:00:00Z",
    "endedAt": "2026-01-01T11:03:00Z",
}


def an_attempt(**spec):
    of = training(**spec)
    asked = runs.run_spec(of, default_image=IMAGE)
    return {
        "version": 1,
        "staging": staging_id(),
        "training": {"namespace": "team", "name": "mnist", "uid": "uid-1"},
        "input": {"repo": "inputrepo", "branch": "master", "commit": ident(1)},
        "attempt": 1,
        "spec": asked,
        "specSha256": runs.digest(asked),
        "operatorVersion": "0.1.0",
    }


def evidence(*, manifest=None, files=(MODEL, CURVE, MANIFEST_FILE), **fields):
    wanted = {
        "attempt": an_attempt(),
        "facts": RECORD,
        "manifest": MANIFEST if manifest is None else manifest,
        "files": files,
        "previous": ident(0xF000),
    }
    return Evidence(**(wanted | fields))


BARE = evidence(manifest={}, files=(MODEL,), previous="")
"""A trainer that writes a model and nothing else."""


def dependencies(of):
    """The statement's materials by name."""
    definition = lineage.build_statement(of)["predicate"]["buildDefinition"]
    return {each["name"]: each for each in definition["resolvedDependencies"]}


def byproducts(of):
    """The statement's facts about the run by name."""
    details = lineage.build_statement(of)["predicate"]["runDetails"]
    return {each["name"]: each for each in details["byproducts"]}


def said(**facts):
    """A manifest whose trainer says this of what it ran with, and nothing else."""
    return MANIFEST | {"environment": facts}

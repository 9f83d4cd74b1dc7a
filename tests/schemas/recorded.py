"""Runs as they are read back from Pachyderm, for what published schemas say of them.

Without anything but pydantic: the environment of these tests has neither kopf nor the
helpers of tests/unit.
"""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

from mnist_operator import lineage, runs
from mnist_operator.evidence import Evidence, HashedFile
from mnist_operator.gate_findings import Figures, Finding, GateVerdict
from mnist_operator.resource import MnistTraining, Spec

STAGING = "233f354619c84d15a0d3b6a7cf2a1b11"
_IMAGE = "registry.example.org/mnist-operator/trainer:0.1.0"
_NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)

_FILES = (
    HashedFile("/metrics.json", 4316, "1a" * 32),
    HashedFile("/my_model.h5", 310112, "2b" * 32),
    HashedFile("/report/index.html", 91022, "3c" * 32),
    HashedFile("/run.json", 2811, "4d" * 32),
)
_FACTS = {
    "tfjob": "mnist-233f354619c8",
    "tfjobUid": "7d3f0f0e-8a0c-4a3b-9a53-0f6d1c2b7a11",
    "pod": "mnist-233f354619c8-worker-0",
    "node": "node-1",
    "imageID": f"registry.example.org/mnist-operator/trainer@sha256:{'5e' * 32}",
    "inputBucket": "5b77a6c1a16d496b83f8a78a05179168.master.inputrepo",
    "startedAt": "2026-03-31T12:00:02Z",
    "endedAt": "2026-03-31T12:00:14Z",
}
_ENVIRONMENT = {
    "device": "CPU",
    "installedSha256": None,
    "keras": "3.12.0",
    "machine": "x86_64",
    "numpy": "2.3.5",
    "processor": "Intel(R) Xeon(R) Platinum 8581C CPU @ 2.30GHz",
    "python": "3.12.13",
    "requirementsSha256": "6f" * 32,
    "sourceRevision": "9fceb02d0ae598e95dc970b74767f19372d61af8",
    "sourceUrl": "https://git.example.org/mnist-operator",
    "tensorflow": "2.21.0",
    "threads": 4,
    "workers": 1,
}
_ON_A_GPU = {
    "device": "GPU",
    "processor": "NVIDIA H200",
    "computeCapability": "9.0",
    "cuda": "12.5.1",
    "cudnn": "9",
    "driver": "570.86.15",
}
_MANIFEST = {
    "version": 1,
    "input": [{"path": "/data/mnist.npz", "sha256": "70" * 32, "bytes": 11490434}],
    "files": [
        {"path": f.path, "sha256": f.sha256, "bytes": f.size} for f in _FILES[:-1]
    ],
    "metrics": {"accuracy": 0.9909, "loss": 0.1246},
    "parameters": {
        "augmentation": "None",
        "batchSize": 64,
        "deterministic": True,
        "device": "Auto",
        "dropout": "0",
        "epochs": 1,
        "labelSmoothing": "0.1",
        "learningRate": "0.02",
        "outputs": ["Log", "Report"],
        "precision": "Float32",
        "recipe": "Fast",
        "seed": 1372009219,
        "validationPercent": 10,
        "weightDecay": "0",
        "width": 1,
    },
    "environment": _ENVIRONMENT,
    "startedAt": "2026-03-31T12:00:03.120Z",
    "finishedAt": "2026-03-31T12:00:12.845Z",
}


def asked(*, spec=None, **fields):
    """attempt.json."""
    training = MnistTraining(
        namespace="team",
        name="mnist",
        uid="0c6f4b3e-52a2-4f0a-a6a5-2f6f1e5a9c55",
        generation=2,
        spec=Spec.model_validate(spec or {}),
    )
    run = runs.run_spec(training, default_image=_IMAGE)
    attempt = runs.new_attempt(
        training,
        "5b77a6c1a16d496b83f8a78a05179168",
        1,
        runs.digest(run),
        opened=_NOON,
        **fields,
    )
    return runs.build_request(replace(attempt, staging=STAGING, operator="0.1.0"), run)


EXAMPLE = Evidence(
    attempt=asked(spec={"trainer": {"parameters": {"epochs": 1}}}),
    facts=_FACTS,
    manifest=_MANIFEST,
    files=_FILES,
    previous="3843c589c9b74f4aa8e1f2f1a4b0e7d2",
)
"""The one in docs/lineage.md."""

_EARLIER = "760c5287e0c14fdba3c10569ea4f41dc"

WHOLE = replace(
    EXAMPLE,
    attempt=asked(
        spec={"trainer": {"warmStart": True, "replicas": {"worker": 2}}},
        request="2026-03-31T12:00:00Z",
        begins_from=_EARLIER,
        gate=Finding(
            GateVerdict.REQUESTED,
            "3f1d0c5b9a7e4d2c8b6a5f4e3d2c1b0a",
            Figures(70_000, 69_990, 812, 10, Fraction(1, 80)),
            (("maxRelabelled", "0.01"),),
        ),
    ),
    facts=_FACTS | {"otherImages": f"registry.example.org/t@sha256:{'8a' * 32}"},
    manifest=_MANIFEST
    | {
        "environment": _ENVIRONMENT | _ON_A_GPU,
        "warmStart": {
            "bucket": f"{_EARLIER}.master.outputrepo",
            "path": "my_model.h5",
            "sha256": "9b" * 32,
            "bytes": 310112,
        },
    },
)
"""Says all that a record can say: asked for by hand, begun from a model, on a GPU."""

FIRST = replace(EXAMPLE, previous="")
"""No model was before it."""

AT_A_TERMINAL = replace(
    EXAMPLE,
    manifest=_MANIFEST
    | {
        "environment": _ENVIRONMENT
        | {
            "requirementsSha256": None,
            "installedSha256": "ac" * 32,
            "sourceRevision": f"{'9f' * 20}-dirty",
        }
    },
)
"""Of an image that somebody made of a changed checkout, without a list of packages."""

BARE = replace(
    EXAMPLE,
    facts=_FACTS | {"imageID": "trainer:latest", "node": ""},
    manifest={},
    files=_FILES[1:2],
    previous="",
)
"""Of a trainer that says nothing of itself."""

ODD = replace(
    EXAMPLE,
    manifest={
        "input": [{"path": "data", "sha256": "unknown"}],
        "environment": {"sourceRevision": "unknown", "requirementsSha256": "none"},
        "parameters": {"seed": "seven"},
        "metrics": {"accuracy": "good"},
        "startedAt": "yesterday",
        "finishedAt": 17,
    },
)
"""Of a trainer that says much that means nothing."""

ALL = {
    "example": EXAMPLE,
    "whole": WHOLE,
    "first": FIRST,
    "at-a-terminal": AT_A_TERMINAL,
    "bare": BARE,
    "odd": ODD,
}


def content(of=EXAMPLE):
    """lineage.json."""
    return runs.canonical(lineage.build_statement(of))

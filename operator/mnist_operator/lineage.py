"""The record of a model: what made it, in three copies that can be compared.

``lineage.json`` inside the output commit is the whole of it: see `statement`. The
commit's description is a compact JSON with the same identity, and pachd's metadata
map an index of flat keys. Everything here is pure; docs/lineage.md tells the rest.
"""

import json
from dataclasses import dataclass
from typing import Any

from mnist_operator.commits import Commit
from mnist_operator.decisions import Decision, Entry
from mnist_operator.evidence import BUNDLE_FILE, LINEAGE_FILE, Evidence
from mnist_operator.foreign import count, identity, plain
from mnist_operator.materials import digest_data, git_commit, packages
from mnist_operator.runs import canonical, digest
from mnist_operator.statement import BUILD_TYPE, RECORD_VERSION, build_statement

__all__ = [
    "BUILD_TYPE",
    "BUNDLE_FILE",
    "LINEAGE_FILE",
    "RECORD_VERSION",
    "Model",
    "build_statement",
    "describe_model",
    "metadata_entries",
    "model_of",
    "publication_of",
    "read_model",
]

_KIND = "mnist-operator/model"
_LIMIT = 2048
"""Bytes of a description: big ones break every client's list."""
_DISPENSABLE = (
    "packagesSha256",
    "gitCommit",
    "dataSha256",
    "modelSha256",
    "operator",
    "seed",
    "previousModel",
    "image",
)
"""What a description can do without, in this order."""
_ACCURACY_LIMIT = 64
_SEEDS = 2**64
"""What is no less is not told: a trainer may call anything its seed."""


def describe_model(evidence: Evidence, *, statement_sha256: str = "") -> str:
    """The output commit's description: its identity, in at most 2 KB.

    Opened without, finished with the digest of lineage.json, which names the parent
    commit and so can only be made when the commit is open.

    Where names are so long that it would be larger, it says less: lineage.json has
    all of it. (Only a request of control characters alone, which JSON writes with six
    bytes each, still can be larger.)
    """
    value = _identify(evidence) | {"lineageSha256": statement_sha256}
    value = {key: said for key, said in value.items() if said not in {"", None}}
    for key in _DISPENSABLE:
        if len(canonical(value)) <= _LIMIT:
            break
        value.pop(key, None)
    return canonical(value).decode()


def _identify(evidence: Evidence) -> dict[str, Any]:
    attempt = evidence.attempt
    training, place = attempt["training"], attempt["spec"]["input"]
    return {
        "kind": _KIND,
        "version": 1,
        "training": f"{training['namespace']}/{training['name']}",
        "inputRepo": f"{place['project']}/{place['repo']}",
        "inputBranch": place["branch"],
        "inputCommit": attempt["input"]["commit"],
        "dataSha256": digest_data(evidence.manifest),
        "request": attempt.get("request", ""),
        "run": attempt["staging"],
        "attempt": attempt["attempt"],
        "tfjob": evidence.facts["tfjob"],
        "image": attempt["spec"]["trainer"]["image"],
        "imageSha256": evidence.image_digest,
        "gitCommit": git_commit(evidence),
        "packagesSha256": packages(evidence)[1],
        "specSha256": attempt["specSha256"],
        "seed": _seed(evidence),
        "accuracy": evidence.accuracy,
        "modelSha256": _model_sha256(evidence),
        "previousModel": evidence.previous,
        "warmStart": evidence.begins_from,
        "operator": attempt["operatorVersion"],
    }


def _seed(evidence: Evidence) -> int | None:
    """The seed that was used, where the trainer tells one that is a number."""
    seed = (evidence.manifest.get("parameters") or {}).get("seed")
    if isinstance(seed, bool) or not isinstance(seed, int):
        return None
    return seed if abs(seed) < _SEEDS else None


def _model_sha256(evidence: Evidence) -> str:
    path = "/" + evidence.attempt["spec"]["output"]["path"]
    return next(item.sha256 for item in evidence.files if item.path == path)


def metadata_entries(evidence: Evidence, *, statement_sha256: str) -> dict[str, str]:
    """Flat keys for pachd's metadata map; an index, since anyone may edit it."""
    attempt, told = evidence.attempt, _identify(evidence)
    seed = told["seed"]
    entries = {
        "training.name": told["training"],
        "input.commit": told["inputCommit"],
        "input.repo": told["inputRepo"],
        "input.branch": told["inputBranch"],
        "code.image": told["image"],
        "code.imageDigest": told["imageSha256"],
        "code.gitCommit": told["gitCommit"],
        "code.packagesSha256": told["packagesSha256"],
        "params.sha256": digest(attempt["spec"]["trainer"]["parameters"]),
        "params.seed": "" if seed is None else str(seed),
        "data.sha256": told["dataSha256"],
        "model.sha256": told["modelSha256"],
        "metrics.accuracy": told["accuracy"],
        "previous.commit": told["previousModel"],
        "warmStart.commit": told["warmStart"],
        "run.commit": told["run"],
        "run.attempt": str(told["attempt"]),
        "run.request": told["request"],
        "run.tfjob": told["tfjob"],
        "run.tfjobUid": evidence.facts.get("tfjobUid", ""),
        "spec.sha256": told["specSha256"],
        "operator.version": told["operator"],
        "record.version": str(RECORD_VERSION),
        "lineage.sha256": statement_sha256,
    }
    return {key: value for key, value in entries.items() if value}


@dataclass(frozen=True, slots=True)
class Model:
    """An output commit of ours, told by its description alone."""

    commit: str
    training: str
    input_repo: str
    input_branch: str
    input_commit: str
    run: str
    attempt: int
    tfjob: str
    image: str
    """As it was asked for; empty in the rare description that had no room for it."""
    spec: str
    accuracy: str
    lineage_sha256: str
    request: str = ""

    @property
    def turn(self) -> tuple[str, str]:
        """What it was made for, as `runs.Attempt.turn` says it."""
        return self.request, "" if self.request else self.input_commit


def read_model(commit: Commit) -> Model | None:
    """Read an output commit's description; None when it is not one of ours."""
    try:
        value = json.loads(commit.description)
        if value["kind"] != _KIND:
            return None
        return Model(
            commit=commit.id,
            training=identity(value["training"]),
            input_repo=identity(value["inputRepo"]),
            input_branch=identity(value["inputBranch"]),
            input_commit=identity(value["inputCommit"]),
            run=identity(value["run"]),
            attempt=count(value["attempt"]),
            tfjob=identity(value["tfjob"]),
            image=identity(value.get("image", "")),
            spec=identity(value["specSha256"]),
            accuracy=plain(str(value.get("accuracy", "")), _ACCURACY_LIMIT),
            lineage_sha256=identity(value.get("lineageSha256", "")),
            request=identity(value.get("request", "")),
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


def model_of(commit: Commit, training: str) -> Model | None:
    """The same, for the commits of one training (namespace/name) alone."""
    model = read_model(commit)
    return model if model is not None and model.training == training else None


def publication_of(commit: Commit, model: Model) -> Entry:
    """The ledger's line that an output commit stands for."""
    return Entry(
        time=commit.finished or commit.started,
        decision=Decision.PUBLISHED,
        commit=model.input_commit,
        attempt=model.attempt,
        run=model.run,
        tfjob=model.tfjob,
        output=commit.id,
        accuracy=model.accuracy,
        spec=model.spec,
        request=model.request,
    )

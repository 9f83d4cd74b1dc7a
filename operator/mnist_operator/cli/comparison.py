"""Do the copies of a model's record agree? Every difference is a sentence. Pure.

The description can be changed by nobody once its commit is finished, lineage.json
neither; the metadata map can be edited by everyone who may write to the repo. A copy
may say less, as older ones do; what it says must be what lineage.json says.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mnist_operator.cli.statements import (
    Statement,
    dig,
    read_object,
    read_statement,
)
from mnist_operator.commits import Commit, File
from mnist_operator.evidence import BUNDLE_FILE
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.runs import digest
from mnist_operator.statement import digest_data

__all__ = [
    "INDEX",
    "compare_copies",
    "compare_files",
    "find_contradictions",
    "find_disagreements",
    "has_index",
]

INDEX = "the metadata map, which anyone may edit,"
"""How the copy is called that is no evidence; its faults have this in them."""


def find_disagreements(
    commit: Commit, content: bytes | None, files: Iterable[File]
) -> list[str]:
    """All that the copies do not agree on; none for a record that is whole."""
    faults = compare_copies(commit, content)
    if content is None or read_object(content) is None:
        return faults
    return [*faults, *compare_files(read_statement(content), files)]


def compare_copies(commit: Commit, content: bytes | None) -> list[str]:
    """What the description, the metadata map and lineage.json say differently."""
    if content is None:
        return [f"{LINEAGE_FILE} is not in the commit"]
    described = read_object(commit.description) or {}
    sha256 = hashlib.sha256(content).hexdigest()
    faults = _compare_digests(described.get("lineageSha256"), sha256)
    if read_object(content) is None:
        return [*faults, f"{LINEAGE_FILE} is no JSON object"]
    statement = read_statement(content)
    return [
        *faults,
        *_compare("the description", described, _described(statement)),
        *find_contradictions(statement),
        *_compare_index(commit.metadata, statement, sha256),
    ]


def has_index(commit: Commit) -> bool:
    """Whether pachd's map has anything of ours: an old pachd has none."""
    return "lineage.sha256" in commit.metadata or "input.commit" in commit.metadata


def _compare_index(
    index: Mapping[str, str], statement: Statement, sha256: str
) -> list[str]:
    """What the map says differently, and what somebody took away from it."""
    wanted = _indexed(statement, sha256)
    faults = _compare(INDEX, index, wanted)
    whole = dig(statement.internal, "recordVersion") is not None
    if not whole or not wanted.keys() & index.keys():
        return faults
    known = index.keys() | _OMITTED
    gone = [key for key, value in wanted.items() if value and key not in known]
    return faults + [f"{key}: {INDEX} does not have it any more" for key in gone]


_OMITTED = frozenset({"metrics.accuracy", "params.seed"})
"""Keys that the operator leaves out where a value is odd."""


def find_contradictions(statement: Statement) -> list[str]:
    """Where lineage.json says a thing twice, and differently."""
    return [
        *_compare_uri(statement, "input", "two inputs"),
        *_compare_uri(statement, "warmStart", "two models to begin from"),
        *_compare_spec(statement),
        *_compare_data(statement),
    ]


def compare_files(statement: Statement, files: Iterable[File]) -> list[str]:
    """Which files only one of lineage.json and the commit knows."""
    there = {file.path for file in files} - {LINEAGE_FILE, BUNDLE_FILE}
    named = {f"/{name.lstrip('/')}" for name in statement.subjects}
    return [
        *(f"{path} is in {LINEAGE_FILE} only" for path in sorted(named - there)),
        *(f"{path} is not in {LINEAGE_FILE}" for path in sorted(there - named)),
    ]


def _compare_digests(recorded: Any, actual: str) -> list[str]:
    if recorded is None:
        return [f"the description holds no digest of {LINEAGE_FILE}"]
    if recorded != actual:
        names = f"sha256 {recorded}, its own is {actual}"
        return [f"{LINEAGE_FILE} is not the one that the description names by {names}"]
    return []


def _compare(
    copy: str, said: Mapping[str, Any], expected: Mapping[str, Any]
) -> list[str]:
    """Compare what both have: a copy is allowed to say less."""
    return [
        f"{key}: {copy} says {said[key]}, {LINEAGE_FILE} says {value}"
        for key, value in expected.items()
        if key in said and said[key] != value
    ]


def _described(statement: Statement) -> dict[str, Any]:
    """What the description must say, by its keys."""
    material, internal = statement.material("input"), statement.internal
    return {
        "training": statement.training,
        "inputRepo": dig(material, "annotations", "repo"),
        "inputBranch": dig(material, "annotations", "branch"),
        "inputCommit": dig(material, "annotations", "commit"),
        "dataSha256": dig(material, "digest", "sha256"),
        "request": dig(internal, "request"),
        "run": dig(internal, "run"),
        "attempt": dig(internal, "attempt"),
        "tfjob": statement.byproduct("pod").get("tfjob"),
        "image": statement.image,
        "imageSha256": dig(statement.material("image"), "digest", "sha256"),
        "gitCommit": dig(statement.material("source"), "digest", "gitCommit"),
        "packagesSha256": dig(statement.material("packages"), "digest", "sha256"),
        "specSha256": dig(internal, "specSha256"),
        "seed": dig(internal, "effective", "seed"),
        "accuracy": statement.accuracy,
        "modelSha256": _model_sha256(statement),
        "previousModel": dig(internal, "previousModelCommit"),
        "warmStart": dig(statement.material("warmStart"), "annotations", "commit"),
        "operator": dig(statement.details, "builder", "version", "mnist-operator"),
    }


def _model_sha256(statement: Statement) -> str | None:
    path = str(dig(statement.asked, "spec", "output", "path"))
    return statement.subjects.get(path)


def _indexed(statement: Statement, sha256: str) -> dict[str, Any]:
    """What the metadata map must say, by its keys; it holds nothing but text."""
    told = _described(statement)
    parameters = dig(statement.asked, "spec", "trainer", "parameters")
    return {
        "training.name": told["training"],
        "input.commit": told["inputCommit"],
        "input.repo": told["inputRepo"],
        "input.branch": told["inputBranch"],
        "code.image": told["image"],
        "code.imageDigest": told["imageSha256"],
        "code.gitCommit": told["gitCommit"],
        "code.packagesSha256": told["packagesSha256"],
        "params.sha256": digest(parameters),
        "params.seed": _text(told["seed"]),
        "data.sha256": told["dataSha256"],
        "model.sha256": told["modelSha256"],
        "metrics.accuracy": told["accuracy"],
        "previous.commit": told["previousModel"],
        "warmStart.commit": told["warmStart"],
        "run.commit": told["run"],
        "run.attempt": _text(told["attempt"]),
        "run.request": told["request"],
        "run.tfjob": told["tfjob"],
        "run.tfjobUid": statement.byproduct("pod").get("tfjobUid"),
        "spec.sha256": told["specSha256"],
        "operator.version": told["operator"],
        "record.version": _text(dig(statement.internal, "recordVersion")),
        "lineage.sha256": sha256,
    }


def _text(number: Any) -> str | None:
    return None if number is None else str(number)


def _compare_uri(statement: Statement, name: str, fault: str) -> list[str]:
    """A commit is named twice inside: once for programs, once for readers."""
    material = statement.material(name)
    if name == "warmStart" and not material:
        return []
    repo, commit = (dig(material, "annotations", key) for key in ("repo", "commit"))
    if material.get("uri") != f"pachyderm://{repo}@{commit}":
        uri = material.get("uri")
        return [f"{LINEAGE_FILE} names {fault}: {uri} and {repo}@{commit}"]
    return []


def _compare_spec(statement: Statement) -> list[str]:
    spec, image = dig(statement.asked, "spec"), statement.image
    faults = []
    if digest(spec) != dig(statement.internal, "specSha256"):
        faults = [f"{LINEAGE_FILE} holds another spec than its specSha256 names"]
    asked = dig(spec, "trainer", "image")
    if asked != image:
        faults.append(f"{LINEAGE_FILE} names two images: {image}, and {asked} in spec")
    return faults


def _compare_data(statement: Statement) -> list[str]:
    """The digest over all of the data follows from those of its files."""
    recorded = dig(statement.material("input"), "digest", "sha256")
    if recorded is None:
        return []
    actual = _digest_files(statement.data_files())
    if recorded != actual:
        names = f"sha256 {recorded}, that of its files is {actual or 'unknown'}"
        return [f"{LINEAGE_FILE} holds another list of data than it names by {names}"]
    return []


def _digest_files(files: Sequence[Mapping[str, Any]]) -> str:
    try:
        return digest_data({"input": files})
    except (KeyError, TypeError):  # A path that is missing, or no text.
        return ""

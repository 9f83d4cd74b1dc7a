"""Do the copies of a model's record agree? Every difference is a sentence. Pure.

The description can be changed by nobody once its commit is finished, lineage.json
neither; the metadata map can be edited by everyone who may write to the repo.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from mnist_operator.cli.statements import (
    Statement,
    dig,
    read_object,
    read_statement,
)
from mnist_operator.commits import Commit, File
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.runs import digest

__all__ = ["find_disagreements"]


def find_disagreements(
    commit: Commit, content: bytes | None, files: Iterable[File]
) -> list[str]:
    """All that the copies do not agree on; none for a record that is whole."""
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
        *_compare("the description", described, _identity(statement)),
        *_compare_uri(statement, "input", "two inputs"),
        *_compare_uri(statement, "warmStart", "two models to begin from"),
        *_compare_spec(statement),
        *_compare_files(statement, files),
        *_compare_metadata(commit.metadata, statement, sha256),
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


def _identity(statement: Statement) -> dict[str, Any]:
    """What the description must say, by its keys."""
    material, internal = statement.material("input"), statement.internal
    return {
        "training": statement.training,
        "inputRepo": dig(material, "annotations", "repo"),
        "inputBranch": dig(material, "annotations", "branch"),
        "inputCommit": dig(material, "annotations", "commit"),
        "request": dig(internal, "request"),
        "run": dig(internal, "run"),
        "attempt": dig(internal, "attempt"),
        "tfjob": statement.byproduct("pod").get("tfjob"),
        "image": statement.image,
        "imageSha256": dig(statement.material("image"), "digest", "sha256"),
        "specSha256": dig(internal, "specSha256"),
        "accuracy": statement.accuracy,
        "warmStart": dig(statement.material("warmStart"), "annotations", "commit"),
    }


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
    spec = dig(statement.asked, "spec")
    if digest(spec) != dig(statement.internal, "specSha256"):
        return [f"{LINEAGE_FILE} holds another spec than its specSha256 names"]
    return []


def _compare_files(statement: Statement, files: Iterable[File]) -> list[str]:
    there = {file.path for file in files} - {LINEAGE_FILE}
    named = {f"/{name.lstrip('/')}" for name in statement.subjects}
    return [
        *(f"{path} is in {LINEAGE_FILE} only" for path in sorted(named - there)),
        *(f"{path} is not in {LINEAGE_FILE}" for path in sorted(there - named)),
    ]


def _compare_metadata(
    entries: Mapping[str, str], statement: Statement, sha256: str
) -> list[str]:
    identity = _identity(statement)
    model = str(dig(statement.asked, "spec", "output", "path"))
    expected = {
        "input.commit": identity["inputCommit"],
        "input.repo": identity["inputRepo"],
        "input.branch": identity["inputBranch"],
        "code.image": identity["image"],
        "code.imageDigest": identity["imageSha256"],
        "code.gitCommit": dig(statement.material("source"), "digest", "gitCommit"),
        "params.sha256": digest(dig(statement.asked, "spec", "trainer", "parameters")),
        "data.sha256": dig(statement.material("input"), "digest", "sha256"),
        "model.sha256": statement.subjects.get(model),
        "metrics.accuracy": identity["accuracy"],
        "warmStart.commit": identity["warmStart"],
        "run.commit": identity["run"],
        "run.tfjob": identity["tfjob"],
        "spec.sha256": identity["specSha256"],
        "operator.version": dig(
            statement.details, "builder", "version", "mnist-operator"
        ),
        "lineage.sha256": sha256,
    }
    return _compare("the metadata map, which anyone may edit,", entries, expected)

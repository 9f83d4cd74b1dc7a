"""The answer to "what made this model?", as one object. Pure.

Its shape is documented in docs/mnistctl/lineage.md and kept: keys are added, never
renamed, and each is always there, null where nobody knows.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from mnist_operator.cli.comparison import find_disagreements
from mnist_operator.cli.models import Found, compare_provenance, tell_passed
from mnist_operator.cli.statements import (
    Statement,
    dig,
    dig_object,
    dig_text,
    read_object,
    read_statement,
)
from mnist_operator.commits import Commit, File
from mnist_operator.lineage import Model
from mnist_operator.status import timestamp

__all__ = ["build_report", "tell_asked", "tell_body", "tell_model"]


def build_report(
    asked: str,
    found: Found,
    content: bytes | None,
    files: Sequence[File],
    *,
    at: datetime | None = None,
) -> dict[str, Any]:
    """Everything that Pachyderm knows of one model.

    Where lineage.json is missing, the description fills in what it can.
    """
    statement = read_statement(content)
    described = read_object(found.commit.description) or {}
    passed = [tell_passed(found.branch, found.passed)] if found.passed else []
    return {
        **tell_asked(asked, found.branch, at),
        "model": tell_model(str(found.commit.repo), found.commit, statement, files),
        **tell_body(found.model, statement, described.get("imageSha256")),
        "record": _record(found, content, files),
        "notes": [*passed, *found.notes],
    }


def tell_asked(asked: str, branch: str, at: datetime | None) -> dict[str, Any]:
    """What the answer is, and to which question."""
    return {
        "kind": "mnistctl/lineage",
        "version": 1,
        "asked": {
            "reference": asked,
            "at": timestamp(at) if at else None,
            "branch": branch or None,
        },
    }


def tell_body(model: Model, statement: Statement, image_sha256: Any) -> dict[str, Any]:
    """All that a record says of what went in, and of the run."""
    return {
        "training": {
            "name": model.training or None,
            "uid": dig(statement.asked, "training", "uid"),
            "generation": dig(statement.asked, "training", "generation"),
            "specSha256": model.spec or None,
        },
        "input": _input(model, statement),
        "warmStart": _beginning(statement),
        "code": _code(model, statement, image_sha256),
        "parameters": {
            "asked": dig_object(statement.asked, "spec", "trainer", "parameters"),
            "effective": dig_object(statement.internal, "effective"),
        },
        "accuracy": model.accuracy or None,
        "metrics": dict(statement.byproduct("metrics")),
        "environment": dict(statement.byproduct("environment")),
        "run": _run(model, statement),
    }


def tell_model(
    repo: str | None,
    commit: Commit | None,
    statement: Statement,
    files: Iterable[File],
) -> dict[str, Any]:
    """The model itself; without a commit where it was downloaded."""
    digests = statement.subjects
    finished = commit.finished if commit else None
    return {
        "repo": repo,
        "commit": commit.id if commit else None,
        "previous": dig_text(statement.internal, "previousModelCommit"),
        "started": timestamp(commit.started) if commit else None,
        "finished": timestamp(finished) if finished else None,
        "files": [
            {
                "path": file.path,
                "size": file.size,
                "sha256": digests.get(file.path.lstrip("/")),
            }
            for file in files
        ],
    }


def _input(model: Model, statement: Statement) -> dict[str, Any]:
    return {
        "repo": model.input_repo or None,
        "branch": model.input_branch or None,
        "commit": model.input_commit or None,
        "sha256": dig(statement.material("input"), "digest", "sha256"),
        "files": [
            {
                "path": item.get("path"),
                "size": item.get("bytes", item.get("size")),
                "sha256": item.get("sha256"),
            }
            for item in statement.data_files()
        ],
    }


def _beginning(statement: Statement) -> dict[str, Any] | None:
    """Where a run began that was to begin from a model; null for all others."""
    asked = dig_object(statement.internal, "warmStart")
    if asked is None:
        return None
    material = statement.material("warmStart")
    return {
        "offered": dig_text(asked, "offered"),
        "commit": dig_text(material, "annotations", "commit"),
        "repo": dig_text(material, "annotations", "repo"),
        "branch": dig_text(material, "annotations", "branch"),
        "path": dig_text(material, "annotations", "path"),
        "sha256": dig_text(material, "digest", "sha256"),
    }


def _code(model: Model, statement: Statement, image_sha256: Any) -> dict[str, Any]:
    source = statement.material("source")
    return {
        "image": model.image or None,
        "imageSha256": image_sha256,
        "sourceUrl": dig_text(source, "uri"),
        # Where it is no hash, it is the image's word for it all the same.
        "gitCommit": dig_text(source, "digest", "gitCommit")
        or dig_text(source, "annotations", "revision"),
        "packagesSha256": dig_text(statement.material("packages"), "digest", "sha256"),
        "operator": dig_text(statement.details, "builder", "version", "mnist-operator"),
    }


def _run(model: Model, statement: Statement) -> dict[str, Any]:
    pod = statement.byproduct("pod")
    namespace = model.training.partition("/")[0]
    return {
        "repo": statement.run_repo,
        "commit": model.run or None,
        "attempt": model.attempt or None,
        "tfjob": f"{namespace}/{model.tfjob}" if model.tfjob else None,
        "tfjobUid": dig_text(pod, "tfjobUid"),
        "pod": dig_text(pod, "pod"),
        "node": dig_text(pod, "node"),
        "started": dig_text(statement.details, "metadata", "startedOn"),
        "finished": dig_text(statement.details, "metadata", "finishedOn"),
    }


def _record(
    found: Found, content: bytes | None, files: Iterable[File]
) -> dict[str, Any]:
    faults = [
        *find_disagreements(found.commit, content, files),
        *compare_provenance(found.commit, found.model),
    ]
    actual = hashlib.sha256(content).hexdigest() if content is not None else None
    return {
        "lineageSha256": actual,
        "describedSha256": found.model.lineage_sha256 or None,
        "metadata": bool(found.commit.metadata),
        "provenance": [f"{repo}@{each}" for repo, each in found.commit.provenance],
        "agrees": not faults,
        "disagreements": faults,
    }

"""The answer to "what made this model?", as one object. Pure.

Its shape is documented in docs/mnistctl.md and kept: keys are added, never renamed,
and each is always there, null where nobody knows.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from mnist_operator.cli.comparison import find_disagreements
from mnist_operator.cli.models import Found, tell_passed
from mnist_operator.cli.statements import (
    Statement,
    dig,
    dig_object,
    dig_text,
    read_object,
    read_statement,
)
from mnist_operator.commits import File
from mnist_operator.status import timestamp

__all__ = ["build_report"]


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
    return {
        "kind": "mnistctl/lineage",
        "version": 1,
        "asked": {
            "reference": asked,
            "at": timestamp(at) if at else None,
            "branch": found.branch or None,
        },
        "model": _model(found, statement, files),
        "training": {
            "name": found.model.training,
            "uid": dig(statement.asked, "training", "uid"),
            "generation": dig(statement.asked, "training", "generation"),
            "specSha256": found.model.spec,
        },
        "input": _input(found, statement),
        "warmStart": _beginning(statement),
        "code": _code(found, statement, described.get("imageSha256")),
        "parameters": {
            "asked": dig_object(statement.asked, "spec", "trainer", "parameters"),
            "effective": dig_object(statement.internal, "effective"),
        },
        "accuracy": found.model.accuracy or None,
        "metrics": dict(statement.byproduct("metrics")),
        "run": _run(found, statement),
        "record": _record(found, content, files),
        "notes": [tell_passed(found.branch, found.passed)] if found.passed else [],
    }


def _model(found: Found, statement: Statement, files: Iterable[File]) -> dict[str, Any]:
    commit, digests = found.commit, statement.subjects
    return {
        "repo": str(commit.repo),
        "commit": commit.id,
        "previous": dig_text(statement.internal, "previousModelCommit"),
        "started": timestamp(commit.started),
        "finished": timestamp(commit.finished) if commit.finished else None,
        "files": [
            {
                "path": file.path,
                "size": file.size,
                "sha256": digests.get(file.path.lstrip("/")),
            }
            for file in files
        ],
    }


def _input(found: Found, statement: Statement) -> dict[str, Any]:
    model = found.model
    return {
        "repo": model.input_repo,
        "branch": model.input_branch,
        "commit": model.input_commit,
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


def _code(found: Found, statement: Statement, image_sha256: Any) -> dict[str, Any]:
    source = statement.material("source")
    return {
        "image": found.model.image,
        "imageSha256": image_sha256,
        "sourceUrl": dig_text(source, "uri"),
        "gitCommit": dig_text(source, "digest", "gitCommit"),
        "operator": dig_text(statement.details, "builder", "version", "mnist-operator"),
    }


def _run(found: Found, statement: Statement) -> dict[str, Any]:
    model, pod = found.model, statement.byproduct("pod")
    output = dig(statement.asked, "spec", "output")
    project, repo = dig_text(output, "project"), dig_text(output, "repo")
    run_repo = dig_text(output, "runRepo") or (f"{repo}_runs" if repo else None)
    return {
        "repo": f"{project}/{run_repo}" if project and run_repo else None,
        "commit": model.run,
        "attempt": model.attempt,
        "tfjob": f"{model.training.partition('/')[0]}/{model.tfjob}",
        "tfjobUid": dig_text(pod, "tfjobUid"),
        "pod": dig_text(pod, "pod"),
        "node": dig_text(pod, "node"),
        "started": dig_text(statement.details, "metadata", "startedOn"),
        "finished": dig_text(statement.details, "metadata", "finishedOn"),
    }


def _record(
    found: Found, content: bytes | None, files: Iterable[File]
) -> dict[str, Any]:
    faults = find_disagreements(found.commit, content, files)
    actual = hashlib.sha256(content).hexdigest() if content is not None else None
    return {
        "lineageSha256": actual,
        "describedSha256": found.model.lineage_sha256 or None,
        "metadata": bool(found.commit.metadata),
        "agrees": not faults,
        "disagreements": faults,
    }

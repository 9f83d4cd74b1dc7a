"""The same answer of a model that was downloaded: its record is all there is. Pure."""

import hashlib
from collections.abc import Sequence
from typing import Any

from mnist_operator.cli.lineage.reports import tell_asked, tell_body, tell_model
from mnist_operator.cli.statements import (
    Statement,
    dig,
    dig_text,
    read_statement,
)
from mnist_operator.commits import File
from mnist_operator.lineage import Model

__all__ = ["build_folder_report"]

_ALONE = (
    "a folder has one copy of the record, and nothing to compare it with: mnistctl"
    " verify reads its files"
)


def build_folder_report(
    asked: str, content: bytes, files: Sequence[File]
) -> dict[str, Any]:
    """Everything that the record says of a model that was downloaded to a folder."""
    statement = read_statement(content)
    place = dig(statement.asked, "spec", "output")
    names = [dig_text(place, "project"), dig_text(place, "repo")]
    repo = "/".join(name for name in names if name) if all(names) else None
    digest = dig_text(statement.material("image"), "digest", "sha256")
    return {
        **tell_asked(asked, "", None),
        "model": tell_model(repo, None, statement, files),
        **tell_body(_model_of(statement), statement, digest),
        "record": {
            "lineageSha256": hashlib.sha256(content).hexdigest(),
            "describedSha256": None,
            "metadata": False,
            "provenance": [],
            "agrees": None,
            "disagreements": [],
        },
        "notes": [_ALONE],
    }


def _model_of(statement: Statement) -> Model:
    """What a description would say, by lineage.json alone."""
    material, internal = statement.material("input"), statement.internal
    attempt = dig(internal, "attempt")
    return Model(
        commit="",
        training=statement.training or "",
        input_repo=dig_text(material, "annotations", "repo") or "",
        input_branch=dig_text(material, "annotations", "branch") or "",
        input_commit=dig_text(material, "annotations", "commit") or "",
        run=dig_text(internal, "run") or "",
        attempt=attempt if isinstance(attempt, int) else 0,
        tfjob=str(statement.byproduct("pod").get("tfjob") or ""),
        image=statement.image or "",
        spec=dig_text(internal, "specSha256") or "",
        accuracy=statement.accuracy or "",
        lineage_sha256="",
        request=dig_text(internal, "request") or "",
    )

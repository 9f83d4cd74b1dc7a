"""A run that begins from a model: what it is offered, and whether it took that. Pure.

Which model it is offered is decided when its attempt is opened, and is in the
description of the staging commit, which no job can write. What it really did, the
trainer says in run.json: it may begin anew all the same, but from nothing else.
"""

from collections.abc import Mapping
from typing import Any

from mnist_operator.buckets import name_bucket

__all__ = ["PART", "describe", "find_fault", "is_taken", "name_file", "offer"]

PART = "warmStart"
"""The key for it in spec.trainer, in attempt.json, in run.json and in the record."""
_TEXTS = ("bucket", "path", "sha256")


def offer(output: Mapping[str, Any], commit: str) -> dict[str, str]:
    """What attempt.json says of the model in a commit of the output branch."""
    return {**{key: output[key] for key in _PLACE}, "commit": commit}


_PLACE = ("project", "repo", "branch", "path")


def name_file(offered: Mapping[str, str]) -> tuple[str, str]:
    """Bucket and path by which the trainer reads it."""
    names = (offered[key] for key in ("commit", "branch", "repo", "project"))
    return name_bucket(*names), offered["path"]


def describe(offered: Mapping[str, str], manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The model that a run began from, as one of the materials in its record."""
    repo = f"{offered['project']}/{offered['repo']}"
    return {
        "name": PART,
        "uri": f"pachyderm://{repo}@{offered['commit']}",
        "digest": {"sha256": manifest[PART]["sha256"]},
        "annotations": {
            "commit": offered["commit"],
            "repo": repo,
            "branch": offered["branch"],
            "path": f"/{offered['path']}",
        },
    }


def is_taken(manifest: Mapping[str, Any]) -> bool:
    """Whether a run began from a model, by its own words."""
    return bool(manifest.get(PART))


def find_fault(offered: Mapping[str, str] | None, manifest: Mapping[str, Any]) -> str:
    """Say how run.json departs from what was offered; empty when it does not."""
    if not is_taken(manifest):
        return ""
    said = manifest[PART]
    texts = isinstance(said, dict) and all(isinstance(said.get(k), str) for k in _TEXTS)
    if not texts:
        return f"{PART} must be an object with {', '.join(_TEXTS)}"
    found = said["bucket"], said["path"].lstrip("/")
    if offered is not None and found == name_file(offered):
        return ""
    wanted = "/".join(name_file(offered)) if offered else "no model"
    return f"it began from {'/'.join(found)[:200]}, and was given {wanted}"

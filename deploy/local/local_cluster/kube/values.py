"""What the API's documents are made of: plain JSON, and how to read it."""

from datetime import UTC, datetime
from typing import Any, TypeAlias

__all__ = ["Json", "Key", "clone", "dig", "labels_of", "meta", "stamp", "stamp_micro"]

Json: TypeAlias = dict[str, Any]

Key: TypeAlias = tuple[str, str]
"""Namespace ("" for none) and name."""


def clone(value: Any) -> Any:
    """Copy nested JSON; several times faster than copy.deepcopy."""
    if isinstance(value, dict):
        return {key: clone(item) for key, item in value.items()}
    if isinstance(value, list):
        return [clone(item) for item in value]
    return value


def dig(value: Any, *path: str | int) -> Any:
    """Follow a path into nested JSON; None where it leads nowhere."""
    for step in path:
        match value, step:
            case dict(), str():
                value = value.get(step)
            case list(), int() if -len(value) <= step < len(value):
                value = value[step]
            case _:
                return None
    return value


def meta(document: Json) -> Json:
    """Return the metadata of an object, empty when it has none."""
    found = document.get("metadata")
    return found if isinstance(found, dict) else {}


def labels_of(document: Json) -> dict[str, str]:
    """Return an object's labels."""
    return meta(document).get("labels") or {}


def stamp(now: datetime) -> str:
    """Write a time as Kubernetes' `Time`: UTC, whole seconds."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_micro(now: datetime) -> str:
    """Write a time as Kubernetes' `MicroTime`."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

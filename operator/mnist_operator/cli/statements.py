"""lineage.json, taken apart without trust: what it does not say is None. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

__all__ = [
    "Statement",
    "dig",
    "dig_object",
    "dig_text",
    "key_of",
    "read_object",
    "read_statement",
]


_ACCURACIES = 10**6
"""An accuracy beyond is none; as a float it may be none either."""


def dig(value: Any, *path: str) -> Any:
    """Follow keys downwards; None where the way ends."""
    return reduce(
        lambda at, key: at.get(key) if isinstance(at, Mapping) else None, path, value
    )


def dig_text(value: Any, *path: str) -> str | None:
    """A text at the end of the way; None for an empty one, too."""
    found = dig(value, *path)
    return found if isinstance(found, str) and found else None


def dig_object(value: Any, *path: str) -> dict[str, Any] | None:
    """An object at the end of the way."""
    found = dig(value, *path)
    return dict(found) if isinstance(found, Mapping) else None


def key_of(body: Mapping[str, Any]) -> str:
    """The name of a Kubernetes object with its namespace."""
    return f"{dig(body, 'metadata', 'namespace')}/{dig(body, 'metadata', 'name')}"


def read_object(content: str | bytes) -> dict[str, Any] | None:
    """A JSON object; None for what is none, or cannot be written as text again."""
    try:
        value = json.loads(content)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


@dataclass(frozen=True, slots=True)
class Statement:
    """The in-toto Statement of one model."""

    value: Mapping[str, Any]

    @property
    def asked(self) -> Any:
        """The training and its spec."""
        return dig(self.value, "predicate", "buildDefinition", "externalParameters")

    @property
    def training(self) -> str | None:
        """The training's name, with its namespace."""
        namespace = dig(self.asked, "training", "namespace")
        name = dig(self.asked, "training", "name")
        return f"{namespace}/{name}" if namespace and name else None

    @property
    def internal(self) -> Any:
        """What the operator added: attempt, run, effective parameters."""
        return dig(self.value, "predicate", "buildDefinition", "internalParameters")

    @property
    def details(self) -> Any:
        """Who built it, and when."""
        return dig(self.value, "predicate", "runDetails")

    @property
    def subjects(self) -> dict[str, str]:
        """The model's files and their sha256, by name."""
        return {
            str(item.get("name")): str(dig(item, "digest", "sha256"))
            for item in _items(self.value.get("subject"))
        }

    @property
    def run_repo(self) -> str | None:
        """The repo with its run, with its project."""
        place = dig(self.asked, "spec", "output")
        project, repo = dig_text(place, "project"), dig_text(place, "repo")
        runs = dig_text(place, "runRepo") or (f"{repo}_runs" if repo else None)
        return f"{project}/{runs}" if project and runs else None

    @property
    def image(self) -> str | None:
        """The image as it was asked for."""
        uri = self.material("image").get("uri")
        return uri.removeprefix("oci://") if isinstance(uri, str) else None

    @property
    def accuracy(self) -> str | None:
        """The accuracy, written as the description writes it."""
        value = self.byproduct("metrics").get("accuracy")
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return f"{value:.4f}" if abs(value) < _ACCURACIES else None

    def material(self, name: str) -> Mapping[str, Any]:
        """What went in under this name; empty if nothing did."""
        path = ("predicate", "buildDefinition", "resolvedDependencies")
        return _named(dig(self.value, *path), name)

    def byproduct(self, name: str) -> Mapping[str, Any]:
        """Facts about the run under this name; empty if there are none."""
        found = _named(dig(self.details, "byproducts"), name).get("annotations")
        return found if isinstance(found, Mapping) else {}

    def data_files(self) -> list[Mapping[str, Any]]:
        """The training data that was read, file by file."""
        files = dig(self.material("input"), "annotations", "files")
        return list(_items(files))


def read_statement(content: bytes | None) -> Statement:
    """Read it; what is missing or no object says nothing at all."""
    return Statement(read_object(content or b"") or {})


def _items(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, Mapping))


def _named(value: Any, name: str) -> Mapping[str, Any]:
    return next((item for item in _items(value) if item.get("name") == name), {})

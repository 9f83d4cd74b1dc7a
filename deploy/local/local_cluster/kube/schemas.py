"""Structural schemas: what a custom resource keeps, gets by default and may hold."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from local_cluster.kube.checks import Check, compile_check
from local_cluster.kube.failures import Cause
from local_cluster.kube.rules import RuleSet, compile_rules
from local_cluster.kube.values import Json, clone, dig

__all__ = ["Schema", "compile_schema"]

_KEEP = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED = "x-kubernetes-embedded-resource"
_ROOT_FIELDS = ("apiVersion", "kind", "metadata")
_BLOCKING = frozenset(
    f"FieldValue{fault}"
    for fault in ("NotSupported", "Required", "TooLong", "TooMany", "TypeInvalid")
)
"""Rules in CEL are only looked at where an object is free of these."""
_UNCHECKED = Cause(
    "<nil>",
    "Invalid value: null: some validation rules were not checked because the object "
    "was invalid; correct the existing errors to complete validation",
)


@dataclass(slots=True)
class Schema:
    """The schema of one version of a custom resource; empty for built-in kinds."""

    tree: Json
    check: Check = field(init=False)
    rules: RuleSet | None = field(init=False)

    def __post_init__(self) -> None:
        self.check = compile_check(self.tree)
        self.rules = compile_rules(self.tree)

    def prune(self, document: Json) -> tuple[Json, list[str]]:
        """Drop what the schema does not know; name what was dropped."""
        if not self.tree:
            return document, []
        dropped: list[str] = []
        kept = _prune(document, _with_root(self.tree), "", dropped.append)
        return kept, dropped

    def default(self, document: Json) -> None:
        """Fill in defaults, in place; nulls that may not be give way to them."""
        if self.tree:
            _default(document, self.tree)

    def validate(self, document: Json, before: Json | None = None) -> list[Cause]:
        """Return every broken rule, except where nothing changed since `before`."""
        if not self.tree:
            return []
        found = [
            (path, cause)
            for path, cause in self.check(document)
            if before is None or not _unchanged(path, document, before)
        ]
        causes = [cause for _, cause in found]
        if not self.rules:
            return causes
        if any(cause.reason in _BLOCKING for cause in causes):
            return [*causes, _UNCHECKED]
        return [*causes, *self.rules(document, before)]


def compile_schema(tree: Json) -> Schema:
    """Return the schema of a tree, made once for all servers that are given it."""
    return _compile(json.dumps(tree))


@lru_cache(maxsize=32)
def _compile(text: str) -> Schema:
    return Schema(json.loads(text))


def _unchanged(path: tuple[str | int, ...], document: Json, before: Json) -> bool:
    return bool(path) and dig(document, *path) == dig(before, *path)


def _with_root(tree: Json) -> Json:
    known = {name: {_KEEP: True} for name in _ROOT_FIELDS}
    return {**tree, "properties": {**(tree.get("properties") or {}), **known}}


def _prune(value: Any, schema: Json, path: str, drop: Callable[[str], None]) -> Any:
    if isinstance(value, dict):
        return dict(_prune_fields(value, schema, path, drop))
    if isinstance(value, list):
        items = schema.get("items")
        if items is None:
            return value
        return [
            _prune(item, items, f"{path}[{index}]", drop)
            for index, item in enumerate(value)
        ]
    return value


def _prune_fields(
    value: Json, schema: Json, path: str, drop: Callable[[str], None]
) -> Iterator[tuple[str, Any]]:
    known = schema.get("properties") or {}
    if schema.get(_EMBEDDED):
        known = {**{name: {_KEEP: True} for name in _ROOT_FIELDS}, **known}
    other = schema.get("additionalProperties")
    for name, item in value.items():
        here = f"{path}.{name}" if path else name
        if name in known:
            yield name, _prune(item, known[name], here, drop)
        elif isinstance(other, dict):
            yield name, _prune(item, other, here, drop)
        elif other or schema.get(_KEEP):
            yield name, item
        else:
            drop(here)


def _default(value: Any, schema: Json) -> None:
    if isinstance(value, list):
        items = schema.get("items")
        for item in value if items else ():
            _default(item, items or {})
    elif isinstance(value, dict):
        _default_fields(value, schema)


def _default_fields(value: Json, schema: Json) -> None:
    known = schema.get("properties") or {}
    for name, inner in known.items():
        if value.get(name) is None and not (name in value and inner.get("nullable")):
            value.pop(name, None)
            if "default" in inner:
                value[name] = clone(inner["default"])
        if name in value:
            _default(value[name], inner)
    other = schema.get("additionalProperties")
    if isinstance(other, dict):
        for name in value.keys() - known.keys():
            _default(value[name], other)

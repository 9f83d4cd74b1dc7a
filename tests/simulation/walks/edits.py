"""Every single edit that the CRD's schema allows: each field, each value worth trying.

An edit is a JSON merge patch of the spec, about one field. Where the field cannot
stand alone (a mount needs its volume), the patch holds what it needs beside it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from simulation.walks.values import key_of, list_of, minimal, values_of

__all__ = ["Edit", "edits", "leaves", "made_with", "merge", "read_schema"]

_CRD = Path(__file__).parents[3] / "crds" / "mnisttraining.yaml"
_POD = "spec.trainer.template.spec"
_FIXED = ("spec.input", "spec.output")
_MOUNTED = ("a", *(f"a{number}" for number in range(1, 4)))
_VOLUMES = {"volumes": [{"name": name} for name in _MOUNTED]}
_HELPER = {"image": "busybox:1"}
_GANG = {"replicas": {"chief": 1, "worker": 63}}
_COMPANY: Mapping[str, Mapping[str, Any]] = {
    "spec.trigger.minCommits": {"mode": "LatestOnly"},
    "spec.trainer.job": _GANG,
    "spec.trainer.replicas.worker": {"chief": 1},
    f"{_POD}.containers": _VOLUMES,
    f"{_POD}.initContainers": _VOLUMES,
    "spec.output.repo": {"runRepo": "attempts"},
    "spec.promotion.heldOut.branch": {"commit": None},
    "spec.promotion.heldOut.commit": {"branch": None},
}
"""What a field needs beside it."""
_PROMOTION = "spec.promotion"
_HELD_OUT = {"repo": "held_out", "branch": "master"}
_PARTS: Mapping[str, Mapping[str, Any]] = {
    _PROMOTION: {"heldOut": _HELD_OUT},
    f"{_PROMOTION}.heldOut": _HELD_OUT,
}
"""What the rules ask of a part, beyond what the schema says is required."""
_ONLY: Mapping[str, tuple[Any, ...]] = {
    "spec.trainer.replicas.ps": (0,),
    "spec.trainer.env[].valueFrom": (),
    f"{_POD}.initContainers[].volumeMounts[].name": _MOUNTED[:2],
    f"{_POD}.containers[].volumeMounts[].name": _MOUNTED[:2],
}
"""Fields of which the rules take fewer values than the bounds."""


@dataclass(frozen=True)
class Edit:
    """Put a value into a field; None takes the field away."""

    field: str
    value: Any
    patch: dict[str, Any]
    fresh: bool = False
    """Whether it can be made only where the MnistTraining is created."""

    def __str__(self) -> str:
        shown = repr(self.value)
        return f"{self.field} = {shown if len(shown) < 50 else shown[:47] + '...'}"


@lru_cache
def read_schema() -> dict[str, Any]:
    """The schema of a MnistTraining, from the generated file."""
    [version] = yaml.safe_load(_CRD.read_text())["spec"]["versions"]
    return version["schema"]["openAPIV3Schema"]


def _spec() -> dict[str, Any]:
    return read_schema()["properties"]["spec"]


def leaves() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each field that holds no others: its path, and its part of the schema."""
    yield from _leaves(_spec(), "spec")


def _leaves(node, path):
    for below, inner in _below(node, path):
        yield from _leaves(inner, below)
    if not any(_below(node, path)):
        yield path, node


def _below(node, path):
    for name, inner in node.get("properties", {}).items():
        yield f"{path}.{name}", inner
    for name, sign in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(node.get(name), dict):
            yield f"{path}{sign}", node[name]


@lru_cache
def edits() -> tuple[Edit, ...]:
    """All of them."""
    return (*made_with(_own), *_absences(_spec(), "spec", ()))


def _absences(node, path, above):
    """Take each field away that a merge patch can reach, and that may be left out.

    Not inside an object that needs some of its fields: a patch would create it.
    """
    if "required" in node or path in _PARTS:
        return
    for name, inner in node.get("properties", {}).items():
        below, steps = f"{path}.{name}", (*above, name)
        patch: Any = None
        for step in reversed(steps):
            patch = {step: patch}
        yield Edit(below, None, patch)
        yield from _absences(inner, below, steps)


def made_with(own: Callable[..., Iterable[Any]]) -> Iterator[Edit]:
    """One for each field and each value that `own` makes for it."""
    for field, value, patch in _grow(_spec(), "spec", own):
        fixed = any(map(field.startswith, _FIXED)) and "provenance" not in field
        yield Edit(field, value, patch, fixed)


def _grow(node, path, own):
    """Of a part of the schema: the field, its value, and the whole part with it."""
    for value in own(node, path):
        yield path, value, value
    for name, inner in node.get("properties", {}).items():
        below = f"{path}.{name}"
        beside = _needed(node, path) | dict(_COMPANY.get(below, {}))
        for field, value, put in _grow(inner, below, own):
            yield field, value, beside | {name: put}
    if "items" in node:
        for field, value, put in _grow(node["items"], f"{path}[]", own):
            yield field, value, [put]
    if isinstance(node.get("additionalProperties"), dict):
        for field, value, put in _grow(
            node["additionalProperties"], f"{path}{{}}", own
        ):
            yield field, value, {key_of(path): put}


def _own(node, path):
    if path in _ONLY:
        return _ONLY[path]
    if node.get("type") == "array":
        most = list_of(node)
        if path.endswith("ontainers"):
            most = [each | _HELPER for each in most]
        return ([], most) if not node.get("minItems") else (most,)
    if isinstance(node.get("additionalProperties"), dict):
        inner, most = node["additionalProperties"], node["maxProperties"]
        return ({}, {key_of(path, n): minimal(inner, n) for n in range(1, most + 1)})
    if "properties" in node:
        return () if path == "spec" else (_needed(node, path),)
    return values_of(node)


def _needed(node, path):
    needed = minimal(node) | dict(_PARTS.get(path, {}))
    return needed | _HELPER if path.endswith("ontainers[]") else needed


def merge(spec: Any, patch: Any) -> Any:
    """As the API server merges a patch (RFC 7386)."""
    if not isinstance(patch, dict):
        return patch
    found = dict(spec) if isinstance(spec, dict) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = merge(found.get(name), value)
    return found

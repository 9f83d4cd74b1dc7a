"""Fields of the resource in words: type, default, bounds and meaning. Pure.

Taken from the JSON schema that pydantic makes of the models. A shape that pydantic
did not make, such as a toleration, is Kubernetes' own: it is named, not described.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from mnist_operator.model import WORDS
from mnist_operator.resource import Spec
from mnist_operator.status import Status

__all__ = ["Catalogue", "Field", "Node"]

Node: TypeAlias = Mapping[str, Any]

_AS_IN_A_POD = "As in a pod."
"""What a field without a description means: its name is Kubernetes' own."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field: where it is, and what the schema says about it."""

    path: str
    node: Node
    required: bool = False

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition(".")[2]

    @property
    def is_kubernetes(self) -> bool:
        """Whether its shape is Kubernetes' own: pydantic gives a title to its own."""
        return "title" not in self.node

    @property
    def kind(self) -> str:
        """For a list of objects: what they are; else empty."""
        return str(self.node.get("items", {}).get("$ref", ""))

    @property
    def type(self) -> str:
        """Its type in words."""
        return _type(self.node)

    @property
    def default(self) -> str:
        """What it is when it is left out; empty where its parts say that."""
        if self.required:
            return "required"
        if "properties" in self.node and "default" not in self.node:
            return ""
        value = self.node.get("default")
        if value is None:
            return "none"
        return f"`{value if isinstance(value, str) and value else json.dumps(value)}`"

    @property
    def bounds(self) -> str:
        """What is asked of its value beside the type."""
        return _bounds(self.node)

    @property
    def meaning(self) -> str:
        """Its description."""
        return str(self.node.get("description") or _AS_IN_A_POD)


class Catalogue:
    """All fields of spec and status, found by their paths: spec.trigger.paths."""

    def __init__(self) -> None:
        self._definitions: dict[str, Node] = {}
        self._roots: dict[str, Field] = {}
        for name, model in (("spec", Spec), ("status", Status)):
            schema = model.model_json_schema(by_alias=True)
            self._definitions |= schema.get("$defs", {})
            self._roots[name] = Field(name, schema)

    def find(self, path: str) -> Field:
        """One field."""
        root, *names = path.split(".")
        found = self._roots[root]
        for name in names:
            [found] = [each for each in self.below(found) if each.name == name]
        return found

    def below(self, field: Field) -> list[Field]:
        """The fields inside an object, or inside the objects of a list."""
        inside, path = field.node, field.path
        if "items" in inside:
            inside, path = self._resolve(inside["items"]), f"{path}[]"
        if "title" not in inside:
            return []
        required = inside.get("required", ())
        return [
            Field(f"{path}.{name}", self._resolve(child), name in required)
            for name, child in inside.get("properties", {}).items()
        ]

    def _resolve(self, node: Node) -> Node:
        """A schema with what it refers to put in, and without null beside it."""
        said = {k: v for k, v in node.items() if k in {"description", "default"}}
        if "anyOf" in node:
            [node] = [each for each in node["anyOf"] if each.get("type") != "null"]
            said = {"title": "", "default": None} | said
        if "$ref" in node:
            node = self._definitions[node["$ref"].rpartition("/")[2]]
        return {**node, **said}


def _type(node: Node) -> str:
    if "$ref" in node:
        return "object"
    if "x-kubernetes-int-or-string" in node:
        return "quantity"
    if node.get("format") == "date-time":
        return "time"
    kind = str(node["type"])
    if kind == "array":
        return f"list of {_plural(_type(node['items']))}"
    values = node.get("additionalProperties")
    return f"map to {_plural(_type(values))}" if isinstance(values, Mapping) else kind


def _plural(kind: str) -> str:
    return "quantities" if kind == "quantity" else f"{kind}s"


def _bounds(node: Node) -> str:
    if "enum" in node:
        return ", ".join(f"`{value}`" for value in node["enum"])
    found = [_range(node, "minimum", "maximum")]
    if node.get("type") == "string" and "pattern" in node:
        found.append(WORDS[str(node["pattern"])])
    lengths = _range(node, "minLength", "maxLength")
    found.append(f"{lengths} characters" if lengths else "")
    found.append(_range(node, "minItems", "maxItems"))
    found.append(_range(node, "minProperties", "maxProperties"))
    inside = _bounds(node["items"]) if "items" in node else ""
    found.append(f"each {inside}" if inside else "")
    return ", ".join(filter(None, found))


def _range(node: Node, least: str, most: str) -> str:
    if most not in node:
        return ""
    low = f"{node[least]} to" if least in node else "at most"
    return f"{low} {node[most]}"

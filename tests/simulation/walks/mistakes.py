"""Edits that must be refused: each field wrong in each way that its schema forbids.

And what only the rules forbid, by the tables that the rules' own tests have.
"""

from functools import lru_cache

from simulation.walks.edits import Edit, made_with, read_schema
from simulation.walks.values import minimal, pattern_of
from unit.refused_overrides import REFUSED
from unit.wrong_specs import WRONG

__all__ = ["is_named", "mistakes", "rules", "tables"]

_WRONG_TYPES = {
    "string": 5,
    "integer": "many",
    "boolean": "yes",
    "array": "one",
    "object": 7,
    None: True,
}
_NO_MATCH = "no good!"
_BOUNDS = {
    "minimum": lambda _, least: least - 1,
    "maximum": lambda _, most: most + 1,
    "maxLength": lambda _, most: "1" * (most + 1),
    "maxItems": lambda node, most: [minimal(node["items"]) for _ in range(most + 1)],
    "maxProperties": lambda node, most: {
        f"k{number}": minimal(node["additionalProperties"])
        for number in range(most + 1)
    },
}


@lru_cache
def mistakes() -> tuple[Edit, ...]:
    """One edit for each field and each way to get it wrong."""
    return tuple(made_with(_wrong))


def _wrong(node, path):
    yield _WRONG_TYPES[node.get("type")]
    yield from _beyond(node)
    if "properties" in node:
        least = minimal(node)
        yield least | {"nonsense": 1}
        for name in node.get("required", ()):
            yield {key: value for key, value in least.items() if key != name}


def _beyond(node):
    """Just outside of each bound."""
    if "enum" in node:
        yield "Nonsense"
    if pattern_of(node) is not None:
        yield _NO_MATCH
    elif node.get("minLength"):
        yield ""
    for bound, wrong in _BOUNDS.items():
        if bound in node:
            yield wrong(node, node[bound])


def is_named(field, told):
    """Whether a refusal names the field: with places in lists, and without the keys."""
    plain = field.replace("[]", "[0]").split("{}")[0]
    return any(plain in each for each in told)


def tables():
    """Whole specs that break a rule."""
    for each in WRONG:
        yield each.id, each.values[0].get("spec", {})
    for each in REFUSED:
        yield each.id, {"trainer": each.values[0]}


def rules(node=None):
    """The text of each rule on the spec, or below it, that is no pattern of a field."""
    node = node or read_schema()["properties"]["spec"]
    if pattern_of(node) is None:
        for rule in node.get("x-kubernetes-validations", ()):
            yield rule["message"]
    inside = [*node.get("properties", {}).values(), node.get("items")]
    for inner in (*inside, node.get("additionalProperties")):
        if isinstance(inner, dict):
            yield from rules(inner)

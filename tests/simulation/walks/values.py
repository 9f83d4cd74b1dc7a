"""Values for one field, made of what the CRD's schema says about it.

A field with a pattern has samples written by hand, for each pattern the schema has;
whoever adds another pattern is told so by `samples_of`. All else follows from types,
enums and bounds: the least and the greatest value, those just inside, and the default.
"""

import re
from itertools import islice

__all__ = ["key_of", "list_of", "minimal", "pattern_of", "samples_of", "values_of"]

_MATCHES = re.compile(
    r"^(?:type\(self\) == int \? self >= 0 : )?self\.matches\('(.*)'\)$"
)
_NAME, _NUMBER = ("a", "Data_2-x", "-"), ("1", "0.02", "5e-4", ".5")
_PATH = ("a", "data/mnist.npz", "a-b/c-d/_e.f")
SAMPLES = {
    r"^[a-zA-Z0-9_-]+$": _NAME,
    r"^[a-zA-Z0-9_-]*$": ("", *_NAME),
    r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$": _PATH,
    r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?$": (
        *_PATH,
        "data/",
    ),
    r"^[A-Za-z0-9_+*?\[\]!./-]+$": ("data/**", "*.npz", "[!a]?/x"),
    r"^(Latest|Next|Earliest|[0-9a-f]{32})$": (
        "Latest",
        "Next",
        "Earliest",
        "0123456789abcdef" * 2,
    ),
    r"^[0-9]*\.?[0-9]+([eE]-?[0-9]+)?$": _NUMBER,
    r"^(0|0?\.([0-4][0-9]*|50*))$": ("0", "0.1", "0.5", ".49"),
    r"^(0|0?\.([0-8][0-9]*|90*))$": ("0", "0.2", "0.9", ".89"),
    r"^(0|1(\.0+)?|0?\.[0-9]+|[0-9](\.[0-9]+)?[eE]-0?[1-9][0-9]?)$": (
        "0",
        "1",
        "0.01",
        "5e-4",
    ),
    r"^(0|1(\.0+)?|0?\.[0-9]+)$": ("0", "1", "1.0", "0.97", ".5"),
    r"^[0-9a-f]{32}$": ("0123456789abcdef" * 2,),
    r"^[A-Za-z_][A-Za-z0-9_]*$": ("A", "_B2"),
    r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$": ("a", "side-2"),
    r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$": ("", "a", "v1.2_x-Y"),
    r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$": (0, 2, "500m", "1.5", "4Gi"),
}
"""Whole values for each pattern; a test holds them to it."""
_KEYS = {"resources": "cpu", "limits": "cpu", "requests": "memory"}
_MANY = 4
"""Items of a list of objects, where the most would only take long."""


def pattern_of(node):
    """The pattern that a value must match, by the schema or by its rule; or none."""
    if "pattern" in node:
        return node["pattern"]
    for rule in node.get("x-kubernetes-validations", ()):
        found = _MATCHES.match(rule["rule"])
        if found:
            return found[1].replace("\\\\", "\\")
    return None


def samples_of(pattern, limit):
    """Values that match it, the longest among them."""
    fillers = ("a" * limit, "0." + "1" * (limit - 2), "1" * limit, "e" * limit)
    longest = (each for each in fillers if re.search(pattern, each))
    return (*SAMPLES[pattern], *islice(longest, 1))


def values_of(node):
    """Values of a field without fields of its own."""
    if "enum" in node:
        return tuple(node["enum"])
    pattern = pattern_of(node)
    if pattern is not None:
        return samples_of(pattern, node["maxLength"])
    match node.get("type"):
        case "boolean":
            return (True, False)
        case "integer":
            return _numbers(node["minimum"], node["maximum"])
        case "string":
            return _texts(node.get("minLength", 0), node["maxLength"])
    return (8080, "http")  # A port: by number or by name.


def _numbers(least, most):
    return tuple(sorted({least, min(least + 1, most), max(most - 1, least), most}))


def _texts(least, most):
    lengths = sorted({least, least + 1, most - 1, most})
    return tuple("x" * length for length in lengths)


def minimal(node, number=0):
    """The least that is allowed; with another number, another one where it can be."""
    if "properties" in node:
        needed, inner = node.get("required", ()), node["properties"]
        return {name: minimal(inner[name], number) for name in needed}
    if "enum" in node:
        return node["enum"][number % len(node["enum"])]
    match node.get("type"):
        case "integer":
            return min(node["minimum"] + number, node["maximum"])
        case "array" | "object" | "boolean" as kind:
            return {"array": [], "object": {}, "boolean": False}[kind]
    return _text(node, number)


def _text(node, number):
    pattern = pattern_of(node)
    if pattern is None:
        return f"x{number or ''}"
    found = [each for each in SAMPLES[pattern] if each != ""]
    text = str(found[0])
    return f"{text}{number}" if number and isinstance(found[0], str) else found[0]


def list_of(node):
    """As many items as a list may have; of objects a few."""
    inner, most = node["items"], node["maxItems"]
    if "properties" in inner:
        most = min(most, _MANY)
    if "enum" in inner:
        most = min(most, len(inner["enum"]))
    return [minimal(inner, number) for number in range(most)]


def key_of(path, number=0):
    """A key of a map, by the name of the map."""
    name = path.rpartition(".")[2]
    if name in _KEYS and not number:
        return _KEYS[name]
    return f"example.com/key-{number}"

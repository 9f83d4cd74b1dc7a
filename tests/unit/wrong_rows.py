"""Rows of the tables of wrong specs.

Each is a body, the field that the refusal names, and words by which a user knows what
to write instead. A field that does not exist is named as unknown, which says enough.
"""

import pytest

__all__ = ["OBJECT", "WHOLE", "WORD", "at", "row", "unknown"]

WORD = "must be of type string"
WHOLE = "must be of type integer"
OBJECT = "must be of type object"


def row(name, field, told, /, **spec):
    return pytest.param({"spec": spec}, field, told, id=name)


def at(name, path, value, told):
    """A single field: with this value, these words."""
    return pytest.param({"spec": _spec(path, value)}, path, told, id=name)


def unknown(name, path):
    return pytest.param(
        {"spec": _spec(path, 1)}, f'unknown field "{path}"', "", id=name
    )


def _spec(path, value):
    for part in reversed(path.split(".")[1:]):
        value = {part: value}
    return value

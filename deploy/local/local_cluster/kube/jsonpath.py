"""Reads the small JSONPath that printer columns use: fields, indices, one filter."""

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

__all__ = ["find"]

_Step: TypeAlias = Callable[[Any], Iterator[Any]]

_TOKEN = re.compile(
    r"""\.(?P<name>[^.\[\]]+(?:\\\.[^.\[\]]+)*)
      | \['(?P<quoted>[^']+)'\]
      | \[(?P<index>-?\d+):?\]
      | (?P<every>\[\*\]|\.\*)
      | \[\?\(@\.(?P<field>[\w.]+)\s*==\s*(['"])(?P<wanted>.*?)\6\)\]
    """,
    re.VERBOSE,
)


def find(path: str, document: Any) -> list[Any]:
    """Return every value at a path; nothing for a path that is not understood."""
    values = [document]
    position = 0
    while position < len(path):
        token = _TOKEN.match(path, position)
        if token is None:
            return []
        step = _step(token)
        values = [found for value in values for found in step(value)]
        position = token.end()
    return values


def _step(token: re.Match[str]) -> _Step:
    name = token["name"] or token["quoted"]
    if token["every"]:
        return _every
    if name:
        name = name.replace("\\.", ".")
        return lambda value: _field(value, name)
    if token["index"]:
        index = int(token["index"])
        return lambda value: _index(value, index)
    field, wanted = token["field"].split("."), token["wanted"]
    return lambda value: _matching(value, field, wanted)


def _field(value: Any, name: str) -> Iterator[Any]:
    if isinstance(value, dict) and name in value:
        yield value[name]


def _index(value: Any, index: int) -> Iterator[Any]:
    if isinstance(value, list) and -len(value) <= index < len(value):
        yield value[index]


def _every(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    if isinstance(value, list):
        yield from value


def _matching(value: Any, field: list[str], wanted: str) -> Iterator[Any]:
    for item in value if isinstance(value, list) else ():
        found = item
        for name in field:
            found = found.get(name) if isinstance(found, dict) else None
        if str(found) == wanted:
            yield item

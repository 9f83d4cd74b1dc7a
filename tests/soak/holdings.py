"""What a program's own objects hold: so many things in each attribute of each class.

A walk from a few objects on, through all that they refer to, as far as that is of the
operator or a plain container. Whatever a process keeps for longer than it should is
in an attribute of something, so it shows here with its name.
"""

import sys
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import MethodType
from typing import Any

__all__ = ["BYTES", "count_holdings"]

_PACKAGE = "mnist_operator"
_CONTAINERS = (dict, list, set, frozenset, tuple, deque, Mapping)
_PLAIN = (str, bytes, bytearray, int, float)
_SIZED = (dict, list, set, frozenset, deque)

_TRIES = 1000

BYTES = "bytes, all together"


def count_holdings(*roots: Any) -> Counter[str]:
    """By Class.attribute: how much is in there, over all instances that are reached.

    And by Class: how many instances. Texts count for `BYTES` alone.
    """
    found: Counter[str] = Counter()
    seen: set[int] = set()
    left = [*roots]
    while left:
        one = left.pop()
        if id(one) not in seen:
            seen.add(id(one))
            left.extend(_look_into(one, found))
    return found


def _look_into(one: Any, found: Counter[str]) -> list[Any]:
    """Count one thing; returns what it refers to."""
    if isinstance(one, MethodType):
        return [one.__self__]
    kind = type(one)
    is_ours = kind.__module__.partition(".")[0] == _PACKAGE
    if is_ours or isinstance(one, (*_CONTAINERS, *_PLAIN)):
        found[BYTES] += sys.getsizeof(one)
    if not is_ours:
        return _elements(one) if isinstance(one, _CONTAINERS) else []
    found[kind.__name__] += 1
    attributes = list(_attributes(one))
    for name, value in attributes:
        if isinstance(value, _SIZED):
            found[f"{kind.__name__}.{name}"] += len(value)
    return [value for _, value in attributes]


def _elements(container: Any) -> list[Any]:
    """What is in there, although whoever owns it may change it meanwhile."""
    for _ in range(_TRIES):
        # Python raises it where a container changed under an iteration.
        with suppress(RuntimeError):
            return _listed(container)
    return []


def _listed(container: Any) -> list[Any]:
    if isinstance(container, Mapping):
        return [*container.keys(), *container.values()]
    return list(container)


def _attributes(one: Any) -> Iterator[tuple[str, Any]]:
    yield from dict(getattr(one, "__dict__", {})).items()
    for kind in type(one).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if hasattr(one, name) and name not in {"__dict__", "__weakref__"}:
                yield name, getattr(one, name)

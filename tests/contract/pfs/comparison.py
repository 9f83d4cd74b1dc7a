"""Compare an answer with the recorded one: what has to be equal, and what there."""

from collections.abc import Iterator
from typing import Any

from contract.pfs.names import Names

__all__ = ["differences"]

_ONLY_PRESENT = frozenset(
    (
        "CreationDate",
        "ETag",
        "LastModified",
        "committed",
        "compacting_time",
        "created",
        "etag",
        "finished",
        "finishing",
        "hash",
        "last-modified",
        "started",
        "validating_time",
    )
)
"""Times, durations and hashes: that they are told matters, not which they are."""


def differences(
    names: Names, expected: Any, actual: Any, where: str = "response"
) -> Iterator[str]:
    """Yield in words where an answer is not as recorded."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        yield from _in_dict(names, expected, actual, where)
    elif isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            yield f"{where}: {len(actual)} instead of {len(expected)}: {actual}"
        for index, (one, other) in enumerate(zip(expected, actual, strict=False)):
            yield from differences(names, one, other, f"{where}[{index}]")
    elif isinstance(expected, str) and isinstance(actual, str):
        if not names.matches(expected, actual):
            yield f"{where}: {actual!r} instead of {expected!r}"
    elif expected != actual:
        yield f"{where}: {actual!r} instead of {expected!r}"


def _in_dict(
    names: Names, expected: dict[str, Any], actual: dict[str, Any], where: str
) -> Iterator[str]:
    for key in expected.keys() - actual.keys():
        yield f"{where}.{key}: missing, recorded as {expected[key]!r}"
    for key in actual.keys() - expected.keys():
        yield f"{where}.{key}: {actual[key]!r}, which was not recorded"
    for key in expected.keys() & actual.keys():
        if key not in _ONLY_PRESENT or isinstance(expected[key], bool):
            yield from differences(names, expected[key], actual[key], f"{where}.{key}")

"""For what an array says of itself: the header of numpy's .npy format, read by grammar.

numpy reads it as an expression of Python.
Nothing in it is evaluated here: it has three entries, whose values are a type's name,
a yes or no, and a row of whole numbers, and anything else is no header.
That leaves out arrays of records, whose type is a list; nobody trains on these.

The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import math
import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

__all__ = ["LONGEST", "Header", "read_header"]

LONGEST: Final = 1 << 14
"""Bytes in which a header has to end; one of 64 axes takes a tenth of it."""

_MAGIC: Final = b"\x93NUMPY"
_LENGTHS: Final = {(1, 0): 2, (2, 0): 4, (3, 0): 4}
"""By the version of the format: how many bytes the length of the text has."""

_MOST_DIMENSIONS: Final = 32
_LONGEST_AXIS: Final = 1 << 48
"""No array is that long, and more digits are no help to anybody."""
_MOST_DIGITS: Final = 18

_LONG: Final = re.compile(r"(?<=[0-9])L\b", re.ASCII)
"""What Python 2 wrote after a long number."""

_ENTRY: Final = re.compile(
    r"""\s*u?(['"])(?P<name>\w+)\1\s*:\s*(?:"""
    r"""u?(['"])(?P<type>[<>|=]?[biufcSUVOMm][0-9]{0,9}(?:\[\w+\])?)\3"""
    r"""|(?P<flag>True|False)"""
    r"""|\((?P<shape>(?:\s*-?[0-9]+\s*(?:,|(?=\))))*)\s*\))\s*(?:,|$)""",
    re.ASCII,
)
_KINDS: Final = {"descr": "type", "fortran_order": "flag", "shape": "shape"}


@dataclass(frozen=True, slots=True)
class Header:
    """What an array says of itself before it is read."""

    name: str
    shape: tuple[int, ...]
    fortran: bool
    dtype: Any
    start: int
    """Bytes of the entry before the first of the array."""

    @property
    def entry(self) -> str:
        """The name of its entry in the archive."""
        return f"{self.name}.npy"

    @property
    def bytes(self) -> int:
        """Size in memory, computed without overflow."""
        return math.prod(self.shape) * int(self.dtype.itemsize)


def read_header(content: bytes, name: str) -> Header:
    """Read the header of the array of a name.

    Args:
        content: the first ``LONGEST`` bytes of the entry, or all of it.
        name: of the array.

    Raises:
        ValueError: this is no header, or of no array that can be.

    """
    text, start = _find_text(content)
    found = _read_entries(text)
    shape = _read_shape(found["shape"])
    # With one axis both orders are the same, and C's needs no second copy.
    fortran = found["fortran_order"] == "True" and len(shape) > 1
    return Header(name, shape, fortran, _read_type(found["descr"]), start)


def _find_text(content: bytes) -> tuple[str, int]:
    """Cut out the text; and tell where the array begins."""
    magic, version = content[: len(_MAGIC)], tuple(content[len(_MAGIC) :][:2])
    if magic != _MAGIC:
        raise ValueError(
            f"it begins with {content[:8]!r}, and an array with {_MAGIC!r}"
        )
    if version not in _LENGTHS:
        raise ValueError(f"version {version} of the format is unknown")
    begin = len(_MAGIC) + len(version) + _LENGTHS[version]
    length = int.from_bytes(content[len(_MAGIC) + len(version) : begin], "little")
    if begin + length > len(content):
        raise ValueError(f"its header of {length} bytes does not end")
    text = content[begin : begin + length]
    if version == (3, 0):
        return text.decode(), begin + length
    return _LONG.sub("", text.decode("latin-1")), begin + length


def _read_entries(text: str) -> dict[str, str]:
    """Split the text into the three entries, each of the kind that it has to be."""
    inner = text.strip(" \n")
    if not (inner.startswith("{") and inner.endswith("}")):
        raise ValueError(f"its header is {text[:80]!r}")
    inner = inner[1:-1].rstrip(" \n")
    found: dict[str, str] = {}
    place = 0
    while place < len(inner):
        entry = _ENTRY.match(inner, place)
        kind = _KINDS.get(entry["name"]) if entry else None
        if not entry or not kind or entry[kind] is None:
            raise ValueError(f"its header has {inner[place:][:80]!r}")
        found[entry["name"]] = entry[kind]
        place = entry.end()
    if missing := _KINDS.keys() - found:
        raise ValueError(f"its header has no {min(missing)}")
    return found


def _read_shape(text: str) -> tuple[int, ...]:
    lengths = [part.strip() for part in text.split(",") if part.strip()]
    if lengths and "," not in text:
        raise ValueError(f"({text}) is a number and no shape")
    if any(len(length) > _MOST_DIGITS for length in lengths):
        raise ValueError("a shape that no array has")
    shape = tuple(map(int, lengths))
    if any(length < 0 for length in shape):
        raise ValueError(f"negative shape {shape}")
    if len(shape) > _MOST_DIMENSIONS or any(each > _LONGEST_AXIS for each in shape):
        raise ValueError("a shape that no array has")
    return shape


def _read_type(text: str) -> Any:
    try:
        return np.dtype(text)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"it has the type {text!r}, which does not exist") from error

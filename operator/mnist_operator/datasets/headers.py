"""What an array says of itself, in NumPy's format `.npy`. Pure.

Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html,
versions 1.0 to 3.0: a magic string, the version, the header's length, and the header,
a Python literal of a dict with `descr`, `fortran_order` and `shape`. It is read by a
grammar of just that dict, so nothing in it is ever evaluated.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mnist_operator.datasets.refusals import NoDatasetError, printable

__all__ = ["LONGEST_HEADER", "Dtype", "Header", "parse_header"]

LONGEST_HEADER: Final = 10_000
"""Bytes of a header's text: NumPy itself reads no longer one."""

_MAGIC: Final = b"\x93NUMPY"
_LENGTH_BYTES: Final = {1: 2, 2: 4, 3: 4}
"""Of the header's length, little-endian, by the format's major version."""

_FIELD: Final = re.compile(
    r"""\s*(['"])(?P<key>descr|fortran_order|shape)\1\s*:\s*"""
    r"""(?P<value>'[^'\\]*'|"[^"\\]*"|True|False|\([\d\s,L]*\))\s*(?:,|(?=\}))"""
)
_SHAPE: Final = re.compile(r"\(\s*(?:\d{1,15}L?\s*(?:,\s*|(?=\))))*\)")
_DTYPE: Final = re.compile(r"([<>|=]?)([a-zA-Z])(\d{0,5})")
_MOST_DIMENSIONS: Final = 32


@dataclass(frozen=True, slots=True)
class Dtype:
    """The type of an array's values."""

    kind: str
    """NumPy's letter: b bool, i and u integers, f float, U text, O objects, …"""
    size: int
    """Bytes of one value."""
    big_endian: bool
    text: str
    """As the header writes it."""


@dataclass(frozen=True, slots=True)
class Header:
    """One array, before a byte of it is read."""

    dtype: Dtype
    fortran: bool
    """Whether the first axis changes fastest, not the last."""
    shape: tuple[int, ...]
    start: int
    """Bytes of the file before the first of the array."""

    @property
    def bytes(self) -> int:
        """What all values take, by the header's word."""
        return math.prod(self.shape) * self.dtype.size


def parse_header(content: bytes) -> Header:
    """Read a header from the first `LONGEST_HEADER` + 12 bytes of a `.npy` file.

    Raises:
        NoDatasetError: There is none, or none that NumPy could have written.
    """
    start, text = _find_text(content)
    fields = _read_fields(text)
    dtype, order, shape = fields["descr"], fields["fortran_order"], fields["shape"]
    if order not in {"True", "False"} or not _SHAPE.fullmatch(shape):
        raise _broken(text)
    lengths = tuple(int(each) for each in re.findall(r"\d+", shape))
    if len(lengths) > _MOST_DIMENSIONS:
        raise _broken(text)
    # With one axis both orders are the same.
    fortran = order == "True" and len(lengths) > 1
    return Header(_read_dtype(dtype), fortran, lengths, start)


def _find_text(content: bytes) -> tuple[int, str]:
    """Where the values begin, and the header's text."""
    size = _LENGTH_BYTES.get(content[6] if len(content) > len(_MAGIC) else 0)
    if not content.startswith(_MAGIC) or size is None:
        raise NoDatasetError(
            "it is no array in NumPy's format: write the file with numpy.savez"
        )
    begin = len(_MAGIC) + 2 + size
    length = int.from_bytes(content[len(_MAGIC) + 2 : begin], "little")
    if length > LONGEST_HEADER or len(content) < begin + length:
        raise NoDatasetError(
            f"its header claims {length} bytes, of which {LONGEST_HEADER} can be and"
            f" {max(len(content) - begin, 0)} are there: write the file anew"
        )
    end = begin + length
    return end, content[begin:end].decode("utf-8", "replace")


def _read_fields(text: str) -> Mapping[str, str]:
    """The three fields as they are written, by their names."""
    whole = text.strip()
    found: dict[str, str] = {}
    at = 1
    while (field := _FIELD.match(whole, at)) is not None:
        found[field["key"]] = field["value"]
        at = field.end()
    rest = whole[at:].strip()
    if not whole.startswith("{") or rest != "}" or len(found) != len(_WANTED):
        raise _broken(text)
    return found


_WANTED: Final = ("descr", "fortran_order", "shape")


def _read_dtype(value: str) -> Dtype:
    text = value.strip("'\"")
    parts = _DTYPE.fullmatch(text)
    if parts is None:
        raise NoDatasetError(
            f"it has the type {printable(text)!r}: save it with astype('uint8')"
        )
    order, kind, digits = parts.groups()
    size = int(digits or "0") * (4 if kind == "U" else 1)
    return Dtype(kind, size, order == ">", text)


def _broken(text: str) -> NoDatasetError:
    shown = printable(text.strip())[:80]
    return NoDatasetError(f"its header cannot be read ({shown}): write the file anew")

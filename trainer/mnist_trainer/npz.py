"""For reading arrays out of a stranger's archive without trusting a word of it.

``numpy.load`` would allocate whatever a header claims, and with pickles allowed run
whatever they contain.
Here every header is read first: kind, shape and size are settled before the first byte
of an array is unpacked, and nothing is ever unpickled.
"""

import contextlib
import io
import math
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from mnist_trainer.errors import DataError

__all__ = [
    "BROKEN",
    "Contents",
    "Header",
    "brief",
    "look",
    "open_archive",
]

BROKEN: Final = (
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
"""All that zipfile and numpy raise on damaged, encrypted or exotic archives."""

_LONGEST_HEADER: Final = 1 << 14
"""Bytes; numpy itself parses no header over 10,000, but would read 4 GiB of one."""

_LARGEST_READ: Final = 1 << 22
"""Bytes: four channels of float128 in the largest image, and far more entries in an
archive's directory than anybody has arrays."""

_PACKINGS: Final = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""What numpy writes. A header of LZMA could ask for gibibytes to unpack with."""

_MOST_DIMENSIONS: Final = 32
_LONGEST: Final = 1 << 48
"""Of an axis: no array that long can be, and more digits are no help to anybody."""


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
        return _entry(self.name)

    @property
    def bytes(self) -> int:
        """Size in memory, computed without overflow."""
        return math.prod(self.shape) * int(self.dtype.itemsize)


@dataclass(frozen=True, slots=True)
class Contents:
    """What lies in an archive."""

    headers: dict[str, Header]
    """Of those arrays that were asked for and are there."""
    entries: str
    """The names of the first few of all entries, to be shown."""


def look(path: Path, names: Sequence[str]) -> Contents:
    """Read the headers of the named arrays of an ``.npz`` file, as far as it has them.

    Raises:
        DataError: this is no archive, a header is damaged, or an array is not of the
            size that its header promises, or made of Python objects.

    """
    with open_archive(path) as archive:
        entries = archive.namelist()
        found = [name for name in names if _entry(name) in entries]
        return Contents(
            headers={name: _read_header(archive, name) for name in found},
            entries=_printable(", ".join(sorted(entries)[:8])) or "nothing",
        )


class _Frugal(io.FileIO):
    """A file of which nobody reads more at once than there is memory for."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _LARGEST_READ:
            raise zipfile.BadZipFile("it holds more entries than can be meant")
        return super().read(size)


@contextlib.contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Read an archive's directory, and nothing else yet.

    Raises:
        DataError: this is no archive.

    """
    with _Frugal(path) as file:
        yield _read_directory(file)


def _read_directory(file: _Frugal) -> zipfile.ZipFile:
    if not file.read(1):
        raise DataError("the file is empty: push the archive again")
    try:
        return zipfile.ZipFile(file)
    except BROKEN as error:
        raise DataError(
            f"the file is no .npz archive ({brief(error)}): write it with numpy.savez"
        ) from error


def _entry(name: str) -> str:
    return f"{name}.npy"


def _read_header(archive: zipfile.ZipFile, name: str) -> Header:
    entry = archive.getinfo(_entry(name))
    if entry.flag_bits & 1:
        raise DataError(f"{name} is encrypted: write the file without a password")
    if entry.compress_type not in _PACKINGS:
        raise DataError(
            f"{name} is packed with method {entry.compress_type}: write the file with "
            "numpy.savez or numpy.savez_compressed"
        )
    try:
        with archive.open(entry) as file:
            header = _parse_header(file.read(_LONGEST_HEADER), name)
    except (*BROKEN, MemoryError) as error:
        raise DataError(
            f"{name} cannot be read ({brief(error)}): write it anew"
        ) from error
    if header.dtype.hasobject:
        raise DataError(
            f"{name} holds Python objects, which are never unpickled here: "
            "save numbers, with astype('uint8'), or text, with astype(str)"
        )
    stored = entry.file_size - header.start
    if header.bytes != stored:
        raise DataError(
            f"{name} promises {header.bytes} bytes of shape {header.shape} and holds "
            f"{stored}: write it anew"
        )
    return header


def _parse_header(content: bytes, name: str) -> Header:
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        parsed = np.lib.format.read_array_header_1_0(file)
    else:
        parsed = np.lib.format.read_array_header_2_0(file)
    shape, fortran, dtype = parsed
    if any(length < 0 for length in shape):
        raise ValueError(f"negative shape {shape}")
    if len(shape) > _MOST_DIMENSIONS or any(length > _LONGEST for length in shape):
        raise ValueError("a shape that no array has")
    # With one axis both orders are the same, and C's needs no second copy.
    return Header(name, shape, fortran and len(shape) > 1, dtype, file.tell())


def brief(error: Exception) -> str:
    """Quote an error, which may quote the archive."""
    return _printable(str(error) or type(error).__name__)


def _printable(text: str) -> str:
    """Keep a stranger's text to one line that does no harm in a log."""
    return "".join(c if c.isprintable() else "?" for c in text[:200])

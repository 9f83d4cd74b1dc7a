"""For reading arrays out of a stranger's archive without trusting a word of it.

``numpy.load`` would allocate whatever a header claims, and with pickles allowed run
whatever they contain.
Here every header is read first: kind, shape and size are settled before the first byte
of an array is unpacked, and nothing is ever unpickled.
"""

import contextlib
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mnist_trainer import npy
from mnist_trainer.errors import DataError
from mnist_trainer.npy import Header
from mnist_trainer.quotes import printable

__all__ = [
    "BROKEN",
    "Contents",
    "brief",
    "look",
    "open_archive",
]

BROKEN: Final = (
    EOFError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""All that zipfile and numpy raise on damaged, encrypted or exotic archives.

An OSError is none of it: a disk that cannot be read is not the fault of the data.
"""

_LARGEST_DIRECTORY: Final = 1 << 20
"""Bytes: thousands of entries, far more than anybody has arrays.
Python takes nine times as much memory for them."""

_LARGEST_READ: Final = 1 << 22
"""Bytes: four channels of float128 in the largest image."""

_SHOWN: Final = 200
"""Characters of the archive's own that a message may have."""

_ENTRIES_FROM_END: Final = 12
"""Bytes between the number of all entries and the comment at the end of an archive."""

_IN_64_BITS: Final = 0xFFFF
"""Says that the number is in another record."""

_PACKINGS: Final = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""What numpy writes. A header of LZMA could ask for gibibytes to unpack with."""


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
        found = [name for name in names if f"{name}.npy" in entries]
        for name in found:
            _refuse_double(name, entries.count(f"{name}.npy"))
        return Contents(
            headers={name: _read_header(archive, name) for name in found},
            entries=printable(", ".join(sorted(entries)[:8])[:_SHOWN]) or "nothing",
        )


class _Frugal(io.FileIO):
    """A file of which nobody reads more at once than there is memory for."""

    most = _LARGEST_DIRECTORY

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        try:
            return super().seek(offset, whence)
        except (OSError, OverflowError) as error:
            # zipfile itself looks from the end, and knows what to do about it.
            if whence != io.SEEK_SET:
                raise
            raise zipfile.BadZipFile("it points to a place outside of it") from error

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > self.most:
            raise zipfile.BadZipFile("it holds more entries than can be meant")
        return super().read(size)


@contextlib.contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Read an archive's directory, and nothing else yet.

    Raises:
        DataError: this is no archive.

    """
    with _Frugal(path) as file:
        archive = _read_directory(file)
        file.most = _LARGEST_READ
        yield archive


def _read_directory(file: _Frugal) -> zipfile.ZipFile:
    if not file.read(1):
        raise DataError("the file is empty: push the archive again")
    try:
        archive = zipfile.ZipFile(file)
        _count_entries(file, archive)
    except BROKEN as error:
        raise DataError(
            f"the file is no .npz archive ({brief(error)}): write it with numpy.savez"
        ) from error
    return archive


def _count_entries(file: _Frugal, archive: zipfile.ZipFile) -> None:
    """Compare the number of entries with that at the end of the file.

    zipfile does not, and one byte in the length of a comment can swallow the entries
    that follow it: a data set without its test images is one all the same.
    """
    file.seek(-len(archive.comment) - _ENTRIES_FROM_END, io.SEEK_END)
    total = int.from_bytes(file.read(2), "little")
    found = len(archive.namelist())
    if total not in {found, _IN_64_BITS}:
        raise zipfile.BadZipFile(f"it has {found} entries, and {total} by its end")


def _refuse_double(name: str, times: int) -> None:
    """Refuse what one reader would take for these data, and another one for others."""
    if times > 1:
        raise DataError(
            f"{name}.npy is in the archive {times} times: write the file anew, with "
            "each array once"
        )


def _read_header(archive: zipfile.ZipFile, name: str) -> Header:
    entry = archive.getinfo(f"{name}.npy")
    if entry.flag_bits & 1:
        raise DataError(f"{name} is encrypted: write the file without a password")
    if entry.compress_type not in _PACKINGS:
        raise DataError(
            f"{name} is packed with method {entry.compress_type}: write the file with "
            "numpy.savez or numpy.savez_compressed"
        )
    try:
        with archive.open(entry) as file:
            header = npy.read_header(file.read(npy.LONGEST), name)
    except BROKEN as error:
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


def brief(error: Exception) -> str:
    """Quote an error, which may quote the archive."""
    return printable((str(error) or type(error).__name__)[:_SHOWN])

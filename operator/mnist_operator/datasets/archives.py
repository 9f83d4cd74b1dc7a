"""Arrays in an `.npz` archive, read without trust and in pieces.

An `.npz` file is a ZIP archive with one `.npy` file for each array. Headers are read
first and measured against what the archive says of them; then the values come in
blocks, so that neither a claim nor a bomb takes more memory than one of these.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from mnist_operator.datasets.headers import LONGEST_HEADER, Header, parse_header
from mnist_operator.datasets.refusals import NoDatasetError, blame, printable

__all__ = ["ARRAYS", "MOST_BYTES", "NAMES", "Archive", "open_archive"]

NAMES: Final = "class_names"
"""The array with a name for each class, which no file has to have."""

ARRAYS: Final = ("x_train", "y_train", "x_test", "y_test", NAMES)
"""What the trainer reads (docs/data.md); other arrays are left alone."""

MOST_BYTES: Final = 4 << 30
"""Unpacked, all arrays of a file together; the trainer reads no more either."""

_LARGEST_READ: Final = 4 << 20
"""Bytes: far more than the directory of any archive that numpy.savez writes."""
_PACKINGS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""What NumPy writes. A header of LZMA could ask for gibibytes to unpack with."""
_BROKEN: Final = (
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""All that zipfile raises on what is damaged, encrypted or exotic."""


class _Frugal(io.BufferedIOBase):
    """A file of which nobody reads more at once than there is memory for."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int | None = -1, /) -> bytes:
        # Without a size, zipfile reads the last 64 KiB.
        size = _LARGEST_READ if size is None or size < 0 else size
        if size > _LARGEST_READ:
            raise zipfile.BadZipFile("it holds more entries than can be meant")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Archive:
    """One `.npz` file, of which the headers were read and nothing else yet."""

    headers: Mapping[str, Header]
    """Of those `ARRAYS` that are there."""
    entries: str
    """The names of the first few of all entries, to be shown."""
    packed: zipfile.ZipFile

    def blocks(self, name: str, size: int) -> Iterator[bytes]:
        """Unpack an array in pieces of ``size`` bytes, the last one shorter.

        Raises:
            NoDatasetError: It is damaged, or ends too early.
        """
        header = self.headers[name]
        left = header.bytes
        try:
            with self.packed.open(f"{name}.npy") as file:
                file.read(header.start)
                while left:
                    block = file.read(min(size, left))
                    if not block:
                        raise EOFError("it ends too early")
                    left -= len(block)
                    yield block
        except _BROKEN as error:
            raise NoDatasetError(
                f"it is damaged ({_brief(error)}): push the file again"
            ) from error


def open_archive(file: BinaryIO) -> Archive:
    """Read the headers of the arrays that matter, of a file that can be seeked.

    Raises:
        NoDatasetError: This is no archive, or an array is not what it claims to be.
    """
    try:
        packed = zipfile.ZipFile(_Frugal(file))
    except _BROKEN as error:
        raise NoDatasetError(
            f"it is no .npz archive ({_brief(error)}): write it with numpy.savez"
        ) from error
    entries = packed.namelist()
    there = [name for name in ARRAYS if f"{name}.npy" in entries]
    headers = {name: _read_header(packed, name) for name in there}
    total = sum(header.bytes for header in headers.values())
    if total > MOST_BYTES:
        raise NoDatasetError(
            f"its arrays claim {total} bytes, the limit is {MOST_BYTES}: push fewer or"
            " smaller images, or save them with astype('uint8')"
        )
    shown = printable(", ".join(sorted(entries)[:8])) or "nothing"
    return Archive(headers, shown, packed)


def _read_header(packed: zipfile.ZipFile, name: str) -> Header:
    entry = packed.getinfo(f"{name}.npy")
    if entry.flag_bits & 1:
        raise NoDatasetError(f"{name} is encrypted: write the file without a password")
    if entry.compress_type not in _PACKINGS:
        raise NoDatasetError(
            f"{name} is packed with method {entry.compress_type}: write the file with"
            " numpy.savez or numpy.savez_compressed"
        )
    try:
        with packed.open(entry) as file:
            content = file.read(LONGEST_HEADER + 12)
    except _BROKEN as error:
        raise NoDatasetError(
            f"{name} cannot be read ({_brief(error)}): push the file again"
        ) from error
    with blame(name):
        header = parse_header(content)
    if header.dtype.kind == "O":
        raise NoDatasetError(
            f"{name} holds Python objects, which are never unpickled: save numbers,"
            " with astype('uint8'), or text, with astype(str)"
        )
    stored = entry.file_size - header.start
    if header.bytes != stored:
        raise NoDatasetError(
            f"{name} claims {header.bytes} bytes of shape {header.shape} and holds"
            f" {stored}: write the file anew"
        )
    return header


def _brief(error: Exception) -> str:
    return printable(str(error) or type(error).__name__)

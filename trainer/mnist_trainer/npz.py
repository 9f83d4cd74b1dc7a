"""For reading arrays out of a stranger's archive without trusting a word of it.

``numpy.load`` would allocate whatever a header claims, and with pickles allowed run
whatever they contain.
Here every header is read first: kind, shape and size are settled before the first byte
of an array is unpacked, and nothing is ever unpickled.
"""

import math
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from mnist_trainer.errors import DataError

__all__ = ["Header", "read_arrays"]

_BROKEN: Final = (
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

_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Header:
    """What an array says of itself before it is read."""

    name: str
    shape: tuple[int, ...]
    fortran: bool
    dtype: Any

    @property
    def bytes(self) -> int:
        """Size in memory, computed without overflow."""
        return math.prod(self.shape) * int(self.dtype.itemsize)


def read_arrays(
    path: Path,
    names: Iterable[str],
    *,
    limit: int,
    check: Callable[[Mapping[str, Header]], None],
) -> dict[str, Any]:
    """Read the named arrays of an ``.npz`` file.

    Args:
        path: the archive.
        names: of the arrays, all of which must be there; others are left alone.
        limit: how many bytes all of them together may take in memory.
        check: raises if the headers promise something that nobody wants to read.

    """
    with _open(path) as archive:
        headers = {name: _read_header(archive, name) for name in names}
        total = sum(header.bytes for header in headers.values())
        if total > limit:
            raise DataError(
                f"the arrays would take {total} bytes in memory, the limit is {limit}: "
                "push fewer or smaller images"
            )
        check(headers)
        return {name: _read_array(archive, header) for name, header in headers.items()}


def _open(path: Path) -> zipfile.ZipFile:
    if path.stat().st_size == 0:
        raise DataError("the file is empty: push the archive again")
    try:
        return zipfile.ZipFile(path)
    except _BROKEN as error:
        raise DataError(
            f"the file is no .npz archive ({error}): write it with numpy.savez"
        ) from error


def _read_header(archive: zipfile.ZipFile, name: str) -> Header:
    entry = f"{name}.npy"
    if entry not in archive.namelist():
        found = ", ".join(sorted(archive.namelist())[:8]) or "nothing"
        raise DataError(
            f"{entry} is missing, the archive holds {found[:200]}: write it with "
            "numpy.savez(file, x_train=..., y_train=..., x_test=..., y_test=...)"
        )
    try:
        with archive.open(entry) as file:
            header = _parse_header(file, name)
            stored = archive.getinfo(entry).file_size - file.tell()
    except _BROKEN as error:
        raise DataError(f"{name} cannot be read ({error}): write it anew") from error
    if header.dtype.hasobject:
        raise DataError(
            f"{name} holds Python objects, which are never unpickled here: "
            "save it as numbers, with astype('uint8')"
        )
    if header.bytes != stored:
        raise DataError(
            f"{name} promises {header.bytes} bytes of shape {header.shape} and holds "
            f"{stored}: write it anew"
        )
    return header


def _parse_header(file: IO[bytes], name: str) -> Header:
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        parsed = np.lib.format.read_array_header_1_0(file)
    else:
        parsed = np.lib.format.read_array_header_2_0(file)
    shape, fortran, dtype = parsed
    if any(length < 0 for length in shape):
        raise ValueError(f"negative shape {shape}")
    return Header(name, shape, fortran, dtype)


def _read_array(archive: zipfile.ZipFile, header: Header) -> Any:
    """Unpack straight into the array; the archive's checksum is checked at its end."""
    order = "F" if header.fortran else "C"
    array = np.empty(header.shape, header.dtype, order=order)
    # A transposed view of a Fortran array is contiguous, and shares its memory.
    flat = memoryview(array.T if header.fortran else array).cast("B")
    try:
        with archive.open(f"{header.name}.npy") as file:
            _parse_header(file, header.name)
            _fill(file, flat)
    except _BROKEN as error:
        raise DataError(
            f"{header.name} is damaged ({error}): push the archive again"
        ) from error
    return array


def _fill(file: IO[bytes], flat: memoryview) -> None:
    start = 0
    while chunk := file.read(_CHUNK):
        flat[start : start + len(chunk)] = chunk
        start += len(chunk)
    if start != len(flat):
        raise EOFError(f"it ends after {start} of {len(flat)} bytes")

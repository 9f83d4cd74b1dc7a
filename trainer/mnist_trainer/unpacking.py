"""For unpacking an array without room for it: it comes in blocks of about a mebibyte.

So nobody holds an array in its own type, which may be eight times as large as bytes.
Other threads can work while zlib unpacks a block and numpy looks at it.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from mnist_trainer.errors import DataError
from mnist_trainer.npy import Header
from mnist_trainer.npz import BROKEN, brief, open_archive
from mnist_trainer.scratch import Room

__all__ = ["read_blocks"]

_BLOCK: Final = 1 << 20
"""Bytes: few enough to be in the cache still when they are looked at."""


def read_blocks(path: Path, header: Header, room: Room) -> Iterator[Any]:
    """Unpack an array piece by piece along its first axis, each piece in C order.

    Args:
        path: the archive.
        header: of the array, as ``look`` found it.
        room: for an array in the order of Fortran, which has to be unpacked as a whole
            before its first row is complete.

    Raises:
        DataError: it is damaged: checksum, length, compressed data.
        DiskError: there is no room for an array in the order of Fortran.

    """
    row = math.prod(header.shape[1:]) * int(header.dtype.itemsize)
    rows = max(_BLOCK // row, 1)
    if not header.fortran:
        for block in _unpack(path, header, rows * row):
            yield np.frombuffer(block, header.dtype).reshape(-1, *header.shape[1:])
        return
    store = room.reserve((header.bytes,), np.uint8)
    for block in _unpack(path, header, _BLOCK):
        store.add(np.frombuffer(block, np.uint8))
    whole = store.finish().view(header.dtype).reshape(header.shape[::-1]).T
    for start in range(0, len(whole), rows):
        yield np.ascontiguousarray(whole[start : start + rows])


def _unpack(path: Path, header: Header, size: int) -> Iterator[bytes]:
    """Unpack in pieces; zipfile compares the checksum when it hands out the last."""
    left = header.bytes
    try:
        with open_archive(path) as archive, archive.open(header.entry) as file:
            file.read(header.start)
            while left:
                block = file.read(min(size, left))
                if len(block) < min(size, left):
                    read = header.bytes - left + len(block)
                    raise EOFError(f"it ends after {read} of {header.bytes} bytes")
                left -= len(block)
                yield block
    except BROKEN as error:
        raise DataError(
            f"{header.name} is damaged ({brief(error)}): push the archive again"
        ) from error

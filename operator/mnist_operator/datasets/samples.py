"""The images and labels of an archive, one after the other.

Whatever the order of axes, each image comes as its values in C's order. Of an array
in Fortran's order an image's values lie as far apart as the array is long; such an
array is unpacked into a scratch file first, and gathered some thousand at a time.
"""

import math
from array import array
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from mnist_operator.datasets.archives import NAMES, Archive
from mnist_operator.datasets.headers import Header
from mnist_operator.datasets.pixels import unpack
from mnist_operator.datasets.refusals import NoDatasetError

__all__ = ["MOST_CLASSES", "Scratch", "read_images", "read_labels", "read_names"]

Scratch = Callable[[], BinaryIO]
"""Makes an empty file, such as `tempfile.TemporaryFile` does."""

MOST_CLASSES: Final = 1000
"""As the trainer has it: labels are 0 to 999."""

_BLOCK: Final = 1 << 20
"""Bytes handled together, or one image where that is larger."""
_LONGEST_NAME: Final = 64
_CHARACTER_BYTES: Final = 4


def read_images(archive: Archive, name: str, scratch: Scratch) -> Iterator[bytes]:
    """Every image of an array, as its values were saved, in C's order."""
    header = archive.headers[name]
    size = math.prod(header.shape[1:]) * header.dtype.size
    if header.fortran:
        yield from _gather(archive, name, scratch)
        return
    for block in archive.blocks(name, max(_BLOCK // size, 1) * size):
        for at in range(0, len(block), size):
            yield block[at : at + size]


def _gather(archive: Archive, name: str, scratch: Scratch) -> Iterator[bytes]:
    header = archive.headers[name]
    count, size = header.shape[0], header.dtype.size
    places = _places(header.shape[1:])
    some = max(_BLOCK // (len(places) * size), 1)
    with scratch() as file:
        for block in archive.blocks(name, _BLOCK):
            file.write(block)
        for first in range(0, count, some):
            here = min(some, count - first)
            planes = bytearray()
            for place in places:
                file.seek((place * count + first) * size)
                planes += file.read(here * size)
            yield from _transpose(bytes(planes), here, size)


def _transpose(planes: bytes, count: int, size: int) -> Iterator[bytes]:
    """From the values of all images, pixel by pixel, to each image's own."""
    values = _cast(memoryview(planes), size)
    for each in range(count):
        yield values[each::count].tobytes()


def _cast(planes: memoryview, size: int) -> memoryview:
    """See items of a size, whatever they are: they are only moved."""
    if size == 1:
        return planes
    if size == 2:  # noqa: PLR2004
        return planes.cast("H")
    return planes.cast("I") if size == 4 else planes.cast("Q")  # noqa: PLR2004


def _places(shape: tuple[int, ...]) -> list[int]:
    """Where each value of an image is in Fortran's order, in the order of C."""
    places, stride = [0], 1
    strides = [stride := stride * length for length in (1, *shape[:-1])]
    for length, step in zip(shape, strides, strict=True):
        places = [at + step * each for at in places for each in range(length)]
    return places


def read_labels(archive: Archive, name: str) -> "array[int]":
    """All labels of an array of integers.

    Raises:
        NoDatasetError: One is no class number, or the array is damaged.
    """
    dtype, labels = archive.headers[name].dtype, array("H")
    for block in archive.blocks(name, _BLOCK):
        values = [int(each) for each in unpack(block, dtype)]
        low, high = min(values), max(values)
        if low < 0 or high >= MOST_CLASSES:
            raise NoDatasetError(
                f"it holds labels from {low} to {high}: number the classes from 0"
                f" to {MOST_CLASSES - 1} at most"
            )
        labels.extend(values)
    return labels


def read_names(archive: Archive) -> tuple[str, ...] | None:
    """What the classes are called; None where the file does not say it in text."""
    header = archive.headers.get(NAMES)
    if header is None or not _can_be_names(header):
        return None
    raw = b"".join(archive.blocks(NAMES, _BLOCK))
    encoding = "utf-32-be" if header.dtype.big_endian else "utf-32-le"
    size = header.dtype.size
    parts = (raw[at : at + size] for at in range(0, len(raw), size))
    names = tuple(part.decode(encoding, "replace").rstrip("\0") for part in parts)
    return names if all(name.isprintable() for name in names) else None


def _can_be_names(header: Header) -> bool:
    dtype, shape = header.dtype, header.shape
    if dtype.kind != "U" or len(shape) != 1 or shape[0] > MOST_CLASSES:
        return False
    return 0 < dtype.size <= _LONGEST_NAME * _CHARACTER_BYTES

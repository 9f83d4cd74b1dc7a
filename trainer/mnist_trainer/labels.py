"""For the classes: which image is of which, how many there are, and their names."""

import sys
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from mnist_trainer import unpacking
from mnist_trainer.archives import NAMES, Archive, blame, blame_all
from mnist_trainer.errors import DataError
from mnist_trainer.npy import Header
from mnist_trainer.scratch import Room
from mnist_trainer.spans import Span

__all__ = ["count_classes", "name_classes", "read_labels"]

_MOST_CLASSES: Final = 1000
_LONGEST_NAME: Final = 64
_BYTES_OF_A_CHARACTER: Final = 4


def read_labels(archives: Sequence[Archive], part: str, room: Room) -> Any:
    """Read the labels of a part ("train" or "test") from all files that have it.

    Returns:
        (count,), int32; none where no file has the part.

    Raises:
        DataError: a label is no class number, or the data are damaged.

    """
    name = f"y_{part}"
    found = [np.empty(0, np.int32)]
    for archive in archives:
        if name in archive.headers:
            with blame(archive.name):
                found.append(_read(archive, archive.headers[name], room))
    return np.concatenate(found)


def _read(archive: Archive, header: Header, room: Room) -> Any:
    span, blocks = Span(), []
    for block in unpacking.read_blocks(archive.path, header, room):
        span = span.cover(block)
        blocks.append(block.reshape(-1).astype(np.int32))
    if not span.within(0, _MOST_CLASSES - 1):
        raise DataError(
            f"{header.name} holds labels from {span.low} to {span.high}: number the "
            f"classes from 0 to {_MOST_CLASSES - 1} at most"
        )
    return np.concatenate(blocks)


def count_classes(archives: Sequence[Archive], train: Any, test: Any) -> int:
    """Count the classes up to the highest label.

    Raises:
        DataError: there is one class alone, or one to test that nobody learns.

    """
    if train.min() == train.max():
        with blame_all(archives):
            raise DataError(
                f"y_train holds the one label {train[0]}: push images of two classes "
                "or more"
            )
    known = np.bincount(train, minlength=_MOST_CLASSES) > 0
    unknown = np.flatnonzero(~known[test])
    if len(unknown):
        with blame(_find_owner(archives, "y_test", unknown[0]).name):
            raise DataError(
                f"y_test holds the label {test[unknown[0]]}, which y_train does not: "
                "push training images of every class that is tested"
            )
    return int(train.max()) + 1


def _find_owner(archives: Sequence[Archive], array: str, row: int) -> Archive:
    """Find the file that a row of a joined array comes from."""
    owners = [archive for archive in archives if array in archive.headers]
    counts = [archive.headers[array].shape[0] for archive in owners]
    return owners[int(np.searchsorted(np.cumsum(counts), row, side="right"))]


def name_classes(
    archives: Sequence[Archive], classes: int, room: Room
) -> tuple[str, ...]:
    """Read the classes' names, or number them where no file names them.

    Raises:
        DataError: they are no names for these classes, or two files disagree.

    """
    names, first = tuple(str(label) for label in range(classes)), None
    for archive in archives:
        if NAMES not in archive.headers:
            continue
        with blame(archive.name):
            found = _read_names(archive, classes, room)
            if first and found != names:
                raise DataError(
                    f"{NAMES} are others than in {first.name}: give the same in all "
                    "files, or in one alone"
                )
        names, first = found, first or archive
    return names


def _read_names(archive: Archive, classes: int, room: Room) -> tuple[str, ...]:
    header = archive.headers[NAMES]
    if header.dtype.kind != "U" or len(header.shape) != 1:
        raise DataError(
            f"{NAMES} has the type {header.dtype} and the shape {header.shape}: save "
            "one text for each class, with numpy.array([...], dtype=str)"
        )
    if header.shape[0] != classes:
        raise DataError(
            f"{NAMES} has {header.shape[0]} names, and the labels are from 0 to "
            f"{classes - 1}: give one name for each of the {classes} classes"
        )
    longest = header.dtype.itemsize // _BYTES_OF_A_CHARACTER
    if not 1 <= longest <= _LONGEST_NAME:
        raise DataError(
            f"{NAMES} has names of up to {longest} characters: give 1 to "
            f"{_LONGEST_NAME}"
        )
    (names,) = unpacking.read_blocks(archive.path, header, room)
    return _check_names(_decode(names))


def _decode(names: Any) -> tuple[str, ...]:
    """Turn characters into text; numpy would trip over those beyond Unicode."""
    numbers = names.view(np.dtype(np.uint32).newbyteorder(names.dtype.byteorder))
    if numbers.max() > sys.maxunicode:
        raise DataError(
            f"{NAMES} holds a character that does not exist ({numbers.max():#x}): "
            "write it anew"
        )
    return tuple(names.tolist())


def _check_names(names: tuple[str, ...]) -> tuple[str, ...]:
    for label, name in enumerate(names):
        if not name.strip() or not name.isprintable():
            raise DataError(
                f"{NAMES} names class {label} {name!r}: give a printable name"
            )
        if (other := names.index(name)) != label:
            raise DataError(
                f"{NAMES} names both class {other} and class {label} {name!r}: give "
                "each its own name"
            )
    return names

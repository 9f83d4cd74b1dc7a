"""For the files that a data set comes in: what each holds, and how they fit together.

Nothing is unpacked here: all that can be settled by looking at the headers is settled,
for all files, before the first byte of an image is.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mnist_trainer import npz, shapes
from mnist_trainer.errors import DataError
from mnist_trainer.npy import Header

__all__ = ["NAMES", "Archive", "blame", "blame_all", "look", "refuse_misfits"]

NAMES: Final = "class_names"
"""The array of the classes' names, which no file has to have."""

_ARRAYS: Final = ("x_train", "y_train", "x_test", "y_test", NAMES)


@dataclass(frozen=True, slots=True)
class Archive:
    """One ``.npz`` file, looked at and not unpacked."""

    name: str
    """As it was pushed; every refusal begins with it."""
    path: Path
    headers: dict[str, Header]


@contextlib.contextmanager
def blame(name: str) -> Iterator[None]:
    """Begin every refusal with the file that it is about."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{name}: {error}") from error


def blame_all(archives: Sequence[Archive]) -> contextlib.AbstractContextManager[None]:
    """Begin a refusal with the files that only together are at fault."""
    first, *more = archives
    return blame(f"{first.name} and {len(more)} more" if more else first.name)


def look(name: str, path: Path) -> Archive:
    """Read a file's headers, and refuse it if it can be of no use to anybody.

    Raises:
        DataError: it is no archive, has only one array of a pair, or none that is
            known, or one that is not made as it should be.

    """
    with blame(name):
        contents = npz.look(path, _ARRAYS)
        for array in _expected(contents.headers):
            if array not in contents.headers:
                raise DataError(
                    f"{array}.npy is missing, the archive holds {contents.entries}: "
                    "write it with numpy.savez(file, x_train=..., y_train=..., "
                    "x_test=..., y_test=...)"
                )
        for part in ("train", "test"):
            if f"x_{part}" in contents.headers:
                shapes.check_pair(
                    contents.headers[f"x_{part}"], contents.headers[f"y_{part}"]
                )
        return Archive(name, path, contents.headers)


def _expected(headers: dict[str, Header]) -> list[str]:
    """Name both arrays of each part of which there is one; to train on, if nothing."""
    pairs = [("x_train", "y_train"), ("x_test", "y_test")]
    begun = [pair for pair in pairs if headers.keys() & set(pair)]
    wanted = begun if headers else pairs[:1]
    return [name for pair in wanted for name in pair]


def refuse_misfits(archives: Sequence[Archive], *, limit: int) -> None:
    """Refuse files that are too large together, or cannot be one data set.

    Raises:
        DataError: no file has training images, sizes of images differ, or all arrays
            together take more than ``limit`` bytes.

    """
    with blame_all(archives):
        _refuse_large(archives, limit)
        if not any("x_train" in archive.headers for archive in archives):
            raise DataError(
                "x_train.npy is missing: push images to train on, and their labels as "
                "y_train"
            )
    images = [
        (archive.name, header)
        for archive in archives
        for header in archive.headers.values()
        if header.name in {"x_train", "x_test"}
    ]
    for name, header in images[1:]:
        _refuse_other_size(name, header, *images[0])


def _refuse_other_size(
    name: str, header: Header, first_name: str, first: Header
) -> None:
    shape, wanted = shapes.image_shape(header), shapes.image_shape(first)
    if shape != wanted:
        place = "" if name == first_name else f" in {first_name}"
        with blame(name):
            raise DataError(
                f"{first.name}{place} has images of {wanted} and {header.name} of "
                f"{shape}: give all one size"
            )


def _refuse_large(archives: Sequence[Archive], limit: int) -> None:
    total = sum(
        header.bytes for archive in archives for header in archive.headers.values()
    )
    if total > limit:
        raise DataError(
            f"the arrays would take {total} bytes, the limit is {limit}: push fewer or "
            "smaller images, or save them with astype('uint8')"
        )

"""What a data set holds: a key for each sample, and where the sample is.

Images are kept as digests, so a data set of 55 MB takes 5 MB here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import BinaryIO

from mnist_operator.datasets import pixels, samples
from mnist_operator.datasets.archives import NAMES, Archive, open_archive
from mnist_operator.datasets.pairs import (
    PARTS,
    Part,
    check_pair,
    find_parts,
    refuse_many,
)
from mnist_operator.datasets.refusals import NoDatasetError, blame
from mnist_operator.datasets.samples import Scratch

__all__ = ["Place", "Split", "Survey", "join", "survey"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sample is."""

    file: str
    index: int
    """In the file's own array."""


@dataclass(frozen=True, slots=True)
class Split:
    """The samples to train on, or those to test with, in their order."""

    keys: Sequence[bytes] = ()
    """The digest of an image, and its label in two bytes, big-endian."""
    files: tuple[tuple[str, int], ...] = ()
    """The files that they come from, and how many come from each."""

    def __len__(self) -> int:
        """How many samples there are."""
        return len(self.keys)

    def label(self, index: int) -> int:
        """The class of a sample."""
        return int.from_bytes(self.keys[index][pixels.DIGEST_BYTES :], "big")

    def place(self, index: int) -> Place:
        """Find a sample's file, and where it is in there."""
        for file, count in self.files:
            if index < count:
                return Place(file, index)
            index -= count
        raise IndexError(index)


@dataclass(frozen=True, slots=True)
class Survey:
    """A data set, without its images."""

    shape: tuple[int, ...] | None = None
    """(height, width, channels) of every image; None where there is none."""
    names: tuple[str, ...] | None = None
    """What the classes are called, if a file says it."""
    train: Split = field(default_factory=Split)
    test: Split = field(default_factory=Split)

    def split(self, part: Part) -> Split:
        """One of the two."""
        return self.train if part == "train" else self.test


def survey(name: str, file: BinaryIO, scratch: Scratch) -> Survey:
    """Read one `.npz` file, which can be seeked; ``name`` stands in refusals.

    Raises:
        NoDatasetError: It holds no labelled images, or cannot be read.
    """
    with blame(name):
        archive = open_archive(file)
        parts = find_parts(archive)
        shapes = [check_pair(archive, part) for part in parts]
        if len(set(shapes)) > 1:
            raise _two_sizes(*shapes)
        with blame(NAMES):
            names = samples.read_names(archive)
        splits = {part: _read(archive, name, part, scratch) for part in parts}
        return Survey(shapes[0] if shapes else None, names, **splits)


def join(surveys: Iterable[Survey]) -> Survey:
    """Make one data set of several files, in their order.

    Raises:
        NoDatasetError: Together they hold no images, images of two sizes, or too many.
    """
    found = list(surveys)
    shapes = list(dict.fromkeys(each.shape for each in found if each.shape))
    if not shapes:
        raise NoDatasetError(
            "no file holds images: push x_train and y_train, with numpy.savez"
        )
    if len(shapes) > 1:
        raise _two_sizes(*shapes)
    if len(found) == 1:
        return found[0]
    refuse_many(sum(len(each.train) + len(each.test) for each in found), "it")
    named = (each.names for each in found if each.names is not None)
    train, test = (_joined([each.split(part) for each in found]) for part in PARTS)
    return Survey(shapes[0], next(named, None), train, test)


def _joined(splits: Sequence[Split]) -> Split:
    keys = tuple(chain.from_iterable(each.keys for each in splits))
    return Split(keys, tuple(chain.from_iterable(each.files for each in splits)))


def _two_sizes(one: Sequence[int], other: Sequence[int], *_: object) -> NoDatasetError:
    return NoDatasetError(f"it has images of {one} and of {other}: give all one size")


def _read(archive: Archive, name: str, part: str, scratch: Scratch) -> Split:
    x, y = f"x_{part}", f"y_{part}"
    shape = check_pair(archive, part)
    normalise = pixels.normaliser(archive.headers[x].dtype)
    with blame(y):
        labels = samples.read_labels(archive, y)
    with blame(x):
        keys = tuple(
            pixels.digest(normalise(image), shape) + label.to_bytes(2, "big")
            for image, label in zip(
                samples.read_images(archive, x, scratch), labels, strict=True
            )
        )
    return Split(keys, ((name, len(keys)),))

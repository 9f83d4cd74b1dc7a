"""For deciding what may be trained on: a data set, or a refusal that says what to do.

A refusal names the file, the array, what was found in it and the remedy, since whoever
pushed the file reads it in the record of a failed run, not at a debugger.
What may be pushed stands in docs/data.md, and what is refused with which words.
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from mnist_trainer import archives, labels, splitting
from mnist_trainer.archives import Archive, blame_all
from mnist_trainer.census import describe_data, find_notes
from mnist_trainer.dataset import Dataset, Split
from mnist_trainer.pixels import read_images
from mnist_trainer.scratch import Room

__all__ = [
    "IN_MEMORY",
    "LARGEST_FILE",
    "Dataset",
    "Split",
    "describe_data",
    "read_dataset",
]

LARGEST_FILE: Final = 4 << 30
"""Bytes of all files together, packed or unpacked: five million images of 28 x 28."""

IN_MEMORY: Final = 256 << 20
"""Bytes of images: five times MNIST. What is more lies on the scratch disk."""


def read_dataset(
    paths: Sequence[tuple[str, Path]],
    *,
    scratch: Path,
    seed: int,
    validation_percent: int,
    memory: int = IN_MEMORY,
) -> Dataset:
    """Read the files and join them, or say why nobody should train on them.

    Beside the arrays that it returns it takes a few megabytes, however large the files
    are; numpy and zlib let other threads work most of the time.

    Args:
        paths: of each file the name as it was pushed, which refusals begin with, and
            where it lies; at least one. They are joined in the order of these names.
        scratch: a folder for images that are too many for memory; what lies there has
            no name, and is gone with the arrays.
        seed: decides which images are held back to test with, where no file has any.
        validation_percent: 1 to 50: how much of each class that is.
        memory: bytes of images to keep in memory.

    Raises:
        DataError: the files are not fit to train on; permanent.
        DiskError: the scratch folder has no room for the images; retryable.

    """
    found = [archives.look(name, path) for name, path in sorted(paths)]
    archives.refuse_misfits(found, limit=LARGEST_FILE)
    with Room(scratch, memory=memory) as room:
        train = labels.read_labels(found, "train", room)
        test = labels.read_labels(found, "test", room)
        classes = labels.count_classes(found, train, test)
        names = labels.name_classes(found, classes, room)
        if len(test):
            learned = read_images(found, "train", room)
            tested = read_images(found, "test", room).kept
            splits = Split(learned.kept, train), Split(tested, test)
        else:
            apart = _choose(found, train, percent=validation_percent, seed=seed)
            learned = read_images(found, "train", room, apart)
            splits = (
                Split(learned.kept, train[~apart]),
                Split(learned.held_back, train[apart]),
            )
    dataset = Dataset(*splits, classes, names, held_back=not len(test))
    notes = find_notes(dataset, brightest=learned.span.high)
    return dataclasses.replace(dataset, notes=notes)


def _choose(found: Sequence[Archive], train: Any, *, percent: int, seed: int) -> Any:
    with blame_all(found):
        return splitting.hold_back(train, percent=percent, seed=seed)

"""For all parts of the trainer: what a model learns from, and is measured with."""

from dataclasses import dataclass
from typing import Any

__all__ = ["Dataset", "Split"]


@dataclass(frozen=True, slots=True)
class Split:
    """Images and the class of each.

    Both are to be read, never to be written to: large images are a memmap of a file
    in the scratch folder, which is opened for reading alone.
    """

    images: Any
    """(count, height, width) or (count, height, width, channels), C order, uint8 or
    float32, raw values 0..255; a numpy array, or a numpy memmap of it."""
    labels: Any
    """(count,), int32, each from 0 to below the number of classes."""

    @property
    def count(self) -> int:
        """How many images there are."""
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a model is trained on, and what it is measured with."""

    train: Split
    test: Split
    classes: int
    names: tuple[str, ...]
    """One for each class, in the order of the labels; "0", "1" and so on where the
    archive names none. Printable, but anything else: escape them."""
    held_back: bool = False
    """Whether the test split was cut from training data that came without one."""
    notes: tuple[str, ...] = ()
    """Sentences of warning for the log, such as one on a class with few images."""

    @property
    def shape(self) -> tuple[int, ...]:
        """One image's: (height, width), or (height, width, channels)."""
        return tuple(self.train.images.shape[1:])

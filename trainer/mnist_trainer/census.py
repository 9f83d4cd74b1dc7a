"""For whoever judges a model: what the data were like that it comes from."""

from typing import Any, Final

import numpy as np

from mnist_trainer.dataset import Dataset, Split
from mnist_trainer.duplicates import count_duplicates

__all__ = ["describe_data", "find_notes"]

_EXTREME: Final = 10
"""Times as many images of one class as of another: worth a warning."""

_DIM: Final = 64
"""A quarter of full brightness: data that stays below was meant otherwise, perhaps."""

_NAMED: Final = 8
"""Classes that a note names one by one."""

_BLOCK: Final = 1 << 20
"""Bytes looked at together."""

_DECIMALS: Final = 3


def describe_data(dataset: Dataset) -> dict[str, Any]:
    """Compose what ``metrics.json`` says of the data.

    It looks at every image once or twice: half a second for a gigabyte, in little
    memory, and most of it leaves other threads alone.
    """
    train, test = _count(dataset, dataset.train), _count(dataset, dataset.test)
    return {
        "imageShape": list(dataset.shape),
        "imageType": str(dataset.train.images.dtype),
        "classNames": list(dataset.names),
        "imagesPerClass": {"train": train.tolist(), "test": test.tolist()},
        "imbalance": round(_imbalance(train), _DECIMALS),
        "classesWithoutTrainingImages": np.flatnonzero(train == 0).tolist(),
        "classesWithoutTestImages": np.flatnonzero(test == 0).tolist(),
        "pixelMean": round(_mean(dataset.train.images), _DECIMALS),
        "testHeldBackFromTraining": dataset.held_back,
        "testImagesAlsoInTraining": count_duplicates(
            dataset.train.images, dataset.test.images
        ),
        "notes": list(dataset.notes),
    }


def find_notes(dataset: Dataset, *, brightest: float) -> tuple[str, ...]:
    """Find what a person should know before they trust the model, in sentences."""
    train, test = _count(dataset, dataset.train), _count(dataset, dataset.test)
    never, untested = train == 0, (train > 0) & (test == 0)
    notes = (
        _note_held_back(dataset),
        _note_imbalance(dataset, train),
        _note_classes(dataset, never, "training", "the model never answers with it"),
        _note_classes(dataset, untested, "test", "its accuracy is not known"),
        _note_brightness(brightest),
    )
    return tuple(note for note in notes if note)


def _count(dataset: Dataset, split: Split) -> Any:
    return np.bincount(split.labels, minlength=dataset.classes)


def _imbalance(counts: Any) -> float:
    """Divide the largest class by the smallest one that has images at all."""
    return float(counts.max() / counts[counts > 0].min())


def _mean(images: Any) -> float:
    rows = max(_BLOCK // images[0].nbytes, 1)
    exact = np.float64 if images.dtype.kind == "f" else np.uint64
    total = sum(
        float(images[start : start + rows].sum(dtype=exact))
        for start in range(0, len(images), rows)
    )
    return float(total / images.size)


def _note_held_back(dataset: Dataset) -> str:
    if not dataset.held_back:
        return ""
    held, kept = dataset.test.count, dataset.train.count
    return (
        f"there are no test images: {held} of the {kept + held} training images are "
        "held back to test with"
    )


def _note_imbalance(dataset: Dataset, counts: Any) -> str:
    times = _imbalance(counts)
    if times < _EXTREME:
        return ""
    most, least = (
        int(counts.argmax()),
        int(np.where(counts, counts, counts.max()).argmin()),
    )
    return (
        f"class {_call(dataset, most)} has {times:.0f} times the training images of "
        f"class {_call(dataset, least)} ({counts[most]} to {counts[least]}): the "
        "accuracy of each class says more than that of all"
    )


def _note_classes(dataset: Dataset, lacking: Any, kind: str, meaning: str) -> str:
    classes = np.flatnonzero(lacking)
    if not len(classes):
        return ""
    named = ", ".join(_call(dataset, label) for label in classes[:_NAMED])
    more = f" and {len(classes) - _NAMED} more" if len(classes) > _NAMED else ""
    return f"no {kind} images of class {named}{more}: {meaning}"


def _note_brightness(brightest: float) -> str:
    if brightest >= _DIM:
        return ""
    return (
        f"no pixel is brighter than {brightest:g} of 255: give brightness as 0..255 if "
        "these images are meant to be bright"
    )


def _call(dataset: Dataset, label: int) -> str:
    """Call a class by its number, and by its name where that says more."""
    name = dataset.names[label]
    return name if name == str(label) else f"{label} ({name})"

"""For deciding what may be trained on: four arrays, or a refusal that says what to do.

A refusal names the array, what was found in it and the remedy, since whoever pushed the
file reads it in the record of a failed run, not at a debugger.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from mnist_trainer import npz
from mnist_trainer.errors import DataError
from mnist_trainer.npz import Header

__all__ = ["LARGEST_FILE", "Dataset", "Split", "read_dataset"]

LARGEST_FILE: Final = 1 << 30
"""Bytes, packed or unpacked: twenty times MNIST, and still fit for a small pod."""

_ARRAYS: Final = ("x_train", "y_train", "x_test", "y_test")
_SMALLEST_IMAGE: Final = 8  # The network halves an image three times.
_LARGEST_IMAGE: Final = 256
_MOST_CLASSES: Final = 1000
_BRIGHTEST: Final = 255
_IMAGES_DIMENSIONS: Final = 3
_INTEGERS: Final = "iu"
_NUMBERS: Final = "iuf"


@dataclass(frozen=True, slots=True)
class Split:
    """Images and the class of each."""

    images: Any
    """(count, size, size), uint8 or float32, raw values 0..255."""
    labels: Any
    """(count,), int32."""

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

    @property
    def size(self) -> int:
        """Pixels along an image's edge."""
        return int(self.train.images.shape[1])


def read_dataset(path: Path) -> Dataset:
    """Read the archive, or say why nobody should train on it."""
    arrays = npz.read_arrays(path, _ARRAYS, limit=LARGEST_FILE, check=_check_headers)
    for name in ("x_train", "x_test"):
        _check_pixels(name, arrays[name])
    _refuse_rescaled(arrays["x_train"])
    classes = _count_classes(arrays["y_train"], arrays["y_test"])
    return Dataset(
        train=Split(_images(arrays["x_train"]), _labels(arrays["y_train"])),
        test=Split(_images(arrays["x_test"]), _labels(arrays["y_test"])),
        classes=classes,
    )


def _check_headers(headers: Mapping[str, Header]) -> None:
    """Settle all that can be settled before anything is unpacked."""
    for part in ("train", "test"):
        images, labels = headers[f"x_{part}"], headers[f"y_{part}"]
        _check_images(images)
        _check_labels(labels)
        if images.shape[0] != labels.shape[0]:
            raise DataError(
                f"{images.name} has {images.shape[0]} images and {labels.name} "
                f"{labels.shape[0]} labels: give each image one label"
            )
    train, test = headers["x_train"].shape[1:], headers["x_test"].shape[1:]
    if train != test:
        raise DataError(
            f"x_train has images of {train} and x_test of {test}: give both one size"
        )


def _check_images(header: Header) -> None:
    name, shape = header.name, header.shape
    if len(shape) != _IMAGES_DIMENSIONS:
        raise DataError(
            f"{name} has the shape {shape}: reshape it to (count, size, size)"
        )
    _refuse_empty(header)
    height, width = shape[1:]
    if height != width or not _SMALLEST_IMAGE <= height <= _LARGEST_IMAGE:
        raise DataError(
            f"{name} has images of {height} x {width} pixels: make them square, from "
            f"{_SMALLEST_IMAGE} to {_LARGEST_IMAGE} pixels a side"
        )
    if header.dtype.kind not in _NUMBERS:
        raise DataError(
            f"{name} has the type {header.dtype}: save it with astype('uint8')"
        )


def _check_labels(header: Header) -> None:
    name, shape = header.name, header.shape
    if len(shape) != 1:
        raise DataError(
            f"{name} has the shape {shape}: give one class number per image, "
            "shape (count,), not one-hot rows"
        )
    _refuse_empty(header)
    if header.dtype.kind not in _INTEGERS:
        raise DataError(
            f"{name} has the type {header.dtype}: save it with astype('uint8')"
        )


def _refuse_empty(header: Header) -> None:
    if header.shape[0] == 0:
        raise DataError(f"{header.name} is empty: push at least one image a class")


def _check_pixels(name: str, images: Any) -> None:
    low, high = images.min(), images.max()
    # A single NaN makes both of them NaN; an infinity is one of them.
    if not (np.isfinite(low) and np.isfinite(high)):
        raise DataError(f"{name} holds NaN or infinity: replace them by numbers 0..255")
    if low < 0 or high > _BRIGHTEST:
        raise DataError(
            f"{name} holds values from {low} to {high}: give brightness as 0..255"
        )


def _refuse_rescaled(images: Any) -> None:
    """Refuse images that somebody has divided by 255, and images of nothing."""
    low, high = images.min(), images.max()
    if low == high:
        raise DataError(f"x_train is {low} in every pixel: push images that differ")
    if high <= 1:
        raise DataError(
            f"x_train holds values from {low} to {high}: multiply by 255, since the "
            "model rescales by itself"
        )


def _count_classes(train: Any, test: Any) -> int:
    low, high = int(train.min()), int(train.max())
    if low < 0 or high >= _MOST_CLASSES:
        raise DataError(
            f"y_train holds labels from {low} to {high}: number the classes from 0 "
            f"to {_MOST_CLASSES - 1} at most"
        )
    if low == high:
        raise DataError(
            f"y_train holds the one label {low}: push images of two classes or more"
        )
    unknown = np.setdiff1d(test, train)
    if unknown.size:
        raise DataError(
            f"y_test holds the label {unknown[0]}, which y_train does not: push "
            "training images of every class that is tested"
        )
    return high + 1


def _images(array: Any) -> Any:
    """Keep whole numbers as bytes: a quarter of the memory, and no rounding."""
    wanted = np.uint8 if array.dtype.kind in _INTEGERS else np.float32
    return np.ascontiguousarray(array, wanted)


def _labels(array: Any) -> Any:
    return np.ascontiguousarray(array, np.int32)

"""For what an array says of itself: whether images and labels can be made like that."""

from typing import Final

from mnist_trainer.errors import DataError
from mnist_trainer.npy import Header

__all__ = ["check_pair", "image_shape"]

_SMALLEST_IMAGE: Final = 8  # The network halves an image three times.
_LARGEST_IMAGE: Final = 256
_MOST_CHANNELS: Final = 4
_DIMENSIONS: Final = 3
_WITH_CHANNELS: Final = 4
_IN_COLUMN: Final = 2
_INTEGERS: Final = "iu"
_NUMBERS: Final = "iuf"


def image_shape(images: Header) -> tuple[int, ...]:
    """Tell one image's shape, without the channel where there is a single one."""
    shape = images.shape[1:]
    return shape[:2] if shape[2:] == (1,) else shape


def check_pair(images: Header, labels: Header) -> None:
    """Refuse arrays that cannot be images and their labels.

    Raises:
        DataError: shape, size, type or number is not what it should be.

    """
    _check_images(images)
    _check_labels(labels)
    if images.shape[0] != labels.shape[0]:
        raise DataError(
            f"{images.name} has {images.shape[0]} images and {labels.name} "
            f"{labels.shape[0]} labels: give each image one label"
        )


def _check_images(header: Header) -> None:
    name, shape = header.name, header.shape
    if len(shape) not in {_DIMENSIONS, _WITH_CHANNELS}:
        raise DataError(
            f"{name} has the shape {shape}: reshape it to (count, height, width), or "
            "(count, height, width, channels)"
        )
    _refuse_empty(header)
    if len(shape) == _WITH_CHANNELS:
        _check_channels(header)
    height, width = shape[1:3]
    if not _SMALLEST_IMAGE <= min(height, width) <= max(shape[1:3]) <= _LARGEST_IMAGE:
        raise DataError(
            f"{name} has images of {height} x {width} pixels: make them from "
            f"{_SMALLEST_IMAGE} to {_LARGEST_IMAGE} pixels high and wide"
        )
    if header.dtype.kind not in _NUMBERS:
        scale = " * 255" if header.dtype.kind == "b" else ""
        raise DataError(
            f"{name} has the type {header.dtype}: save it with astype('uint8'){scale}"
        )


def _check_channels(header: Header) -> None:
    name, shape = header.name, header.shape
    if 1 <= shape[3] <= _MOST_CHANNELS:
        return
    if 1 <= shape[1] <= _MOST_CHANNELS:
        raise DataError(
            f"{name} has the shape {shape}, channels first: put them last with "
            f"numpy.moveaxis({name}, 1, -1)"
        )
    raise DataError(
        f"{name} has the shape {shape}, {shape[3]} channels: give 1 to "
        f"{_MOST_CHANNELS}, as the last axis"
    )


def _check_labels(header: Header) -> None:
    name, shape = header.name, header.shape
    column = len(shape) == _IN_COLUMN and shape[1] == 1
    if len(shape) != 1 and not column:
        raise DataError(
            f"{name} has the shape {shape}: give one class number per image, shape "
            f"(count,); of one-hot rows, {name}.argmax(axis=1)"
        )
    _refuse_empty(header)
    if header.dtype.kind not in _INTEGERS:
        raise DataError(
            f"{name} has the type {header.dtype}: save it with astype('uint8')"
        )


def _refuse_empty(header: Header) -> None:
    if header.shape[0] == 0:
        raise DataError(f"{header.name} is empty: push at least one image a class")

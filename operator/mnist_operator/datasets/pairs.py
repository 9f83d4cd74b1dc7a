"""Images and their labels: whether an archive's arrays belong together. Pure."""

from typing import Final, Literal

from mnist_operator.datasets import pixels
from mnist_operator.datasets.archives import Archive
from mnist_operator.datasets.headers import Header
from mnist_operator.datasets.refusals import NoDatasetError, blame

__all__ = ["MOST_SAMPLES", "PARTS", "Part", "check_pair", "find_parts", "refuse_many"]

Part = Literal["train", "test"]
PARTS: Final[tuple[Part, ...]] = ("train", "test")

MOST_SAMPLES: Final = 1_000_000
"""Of a data set: each takes up to 500 bytes of memory while two are compared."""

_LARGEST_IMAGE: Final = (256, 256, 4)
_IMAGE_AXES: Final = (3, 4)


def find_parts(archive: Archive) -> list[Part]:
    """The splits of which a file has something; to train on, if it has nothing."""
    there = archive.headers.keys()
    found = [part for part in PARTS if there & {f"x_{part}", f"y_{part}"}]
    return found or ([] if there else ["train"])


def check_pair(archive: Archive, part: str) -> tuple[int, ...]:
    """Whether a split can be read; give back (height, width, channels) of its images.

    Raises:
        NoDatasetError: An array is missing, or none that can be meant.
    """
    x, y = f"x_{part}", f"y_{part}"
    for name in (x, y):
        if name not in archive.headers:
            raise NoDatasetError(
                f"{name}.npy is missing, the archive holds {archive.entries}: write it"
                f" with numpy.savez(file, {x}=..., {y}=...)"
            )
    images, labels = archive.headers[x], archive.headers[y]
    with blame(x):
        shape = _image_shape(images)
        pixels.normaliser(images.dtype)
    with blame(y):
        _check_labels(labels)
    if images.shape[0] != labels.shape[0]:
        raise NoDatasetError(
            f"{x} has {images.shape[0]} images and {y} {labels.shape[0]} labels: give"
            " each image one label"
        )
    refuse_many(images.shape[0], x)
    return shape


def _image_shape(header: Header) -> tuple[int, ...]:
    shape = header.shape
    if len(shape) not in _IMAGE_AXES:
        raise NoDatasetError(
            f"it has the shape {shape}: reshape it to (count, height, width), or"
            " (count, height, width, channels)"
        )
    whole = (*shape[1:], 1)[:3]
    if not all(0 < n <= most for n, most in zip(whole, _LARGEST_IMAGE, strict=True)):
        raise NoDatasetError(
            f"it has the shape {shape}: make images of at most 256 x 256 pixels with"
            " 1 to 4 channels, as the last axis"
        )
    return whole


def _check_labels(header: Header) -> None:
    pixels.refuse_type(header.dtype, "iu")
    if header.shape[1:] not in {(), (1,)} or not header.shape:
        raise NoDatasetError(
            f"it has the shape {header.shape}: give one class number per image, shape"
            " (count,)"
        )


def refuse_many(count: int, name: str) -> None:
    """Refuse more samples than two data sets can be compared of.

    Raises:
        NoDatasetError: There are more.
    """
    if count > MOST_SAMPLES:
        raise NoDatasetError(
            f"{name} claims {count} samples, the limit is {MOST_SAMPLES}: compare"
            " smaller files"
        )

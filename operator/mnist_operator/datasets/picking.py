"""A few images of a data set, to be looked at."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Final

from mnist_operator.datasets import pixels, samples
from mnist_operator.datasets.archives import open_archive
from mnist_operator.datasets.pairs import Part
from mnist_operator.datasets.refusals import blame
from mnist_operator.datasets.samples import Scratch

__all__ = ["LONGEST_SIDE", "Image", "pick"]

LONGEST_SIDE: Final = 64
"""Pixels: larger images are thinned out to this."""

_COLOURS: Final = 3


@dataclass(frozen=True, slots=True)
class Image:
    """A small image: rows from the top, a byte for each pixel and channel."""

    width: int
    height: int
    channels: int
    """1: brightness, or 3: red, green and blue."""
    content: bytes


def pick(
    file: BinaryIO,
    part: Part,
    indices: Collection[int],
    shape: tuple[int, ...],
    scratch: Scratch,
) -> Mapping[int, Image]:
    """Go through a split of a surveyed file again, for some of its images.

    Args:
        file: It can be seeked.
        part: The split.
        indices: In the file's own array.
        shape: (height, width, channels) of each image.
        scratch: For what has to lie on a disk.

    Raises:
        NoDatasetError: The file is not what it was.
    """
    wanted, found = set(indices), dict[int, Image]()
    if not wanted:
        return found
    x = f"x_{part}"
    with blame(x):
        archive = open_archive(file)
        normalise = pixels.normaliser(archive.headers[x].dtype)
        images = islice(samples.read_images(archive, x, scratch), max(wanted) + 1)
        for index, raw in enumerate(images):
            if index in wanted:
                found[index] = _shrink(normalise(raw), shape)
    return found


def _shrink(image: bytes, shape: tuple[int, ...]) -> Image:
    """Take every nth pixel, so that it fits; of channels, three or one."""
    height, width, channels = shape
    content = pixels.to_bytes(image, height * width * channels)
    step = -(-max(height, width) // LONGEST_SIDE)
    kept = _COLOURS if channels >= _COLOURS else 1
    rows = [
        content[(at := (y * width + x) * channels) : at + kept]
        for y in range(0, height, step)
        for x in range(0, width, step)
    ]
    return Image(-(-width // step), -(-height // step), kept, b"".join(rows))

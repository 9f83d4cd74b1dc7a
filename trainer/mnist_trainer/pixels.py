"""For the images themselves: unpacked, checked, and laid where they can stay."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from mnist_trainer import shapes, unpacking
from mnist_trainer.archives import Archive, blame, blame_all
from mnist_trainer.errors import DataError
from mnist_trainer.npy import Header
from mnist_trainer.scratch import Room, Store
from mnist_trainer.spans import Span

__all__ = ["BRIGHTEST", "Images", "read_images"]

BRIGHTEST: Final = 255
_INTEGERS: Final = "iu"


@dataclass(frozen=True, slots=True)
class Images:
    """All images of a part, in one array or two."""

    kept: Any
    held_back: Any
    """None where no image is."""
    span: Span
    """Of the values of both."""


def read_images(
    archives: Sequence[Archive], part: str, room: Room, held_back: Any = None
) -> Images:
    """Read the images of a part from all files that have it, and join them in order.

    Args:
        archives: the files, at least one of which has the part.
        part: "train" or "test".
        room: for the images.
        held_back: (count,), bool: which of them to keep apart; None for none of them.

    Raises:
        DataError: their values are no brightness, or the data are damaged.
        DiskError: there is no room.

    """
    name = f"x_{part}"
    found = [archive for archive in archives if name in archive.headers]
    headers = [archive.headers[name] for archive in found]
    shape, count = (
        shapes.image_shape(headers[0]),
        sum(each.shape[0] for each in headers),
    )
    # Whole numbers as bytes: a quarter of the memory, and no rounding.
    whole = all(header.dtype.kind in _INTEGERS for header in headers)
    dtype = np.uint8 if whole else np.float32
    if held_back is None:
        held_back = np.zeros(count, bool)
    apart = int(np.count_nonzero(held_back))
    kept = room.reserve((count - apart, *shape), dtype)
    aside = room.reserve((apart, *shape), dtype) if apart else None
    done, span = 0, Span()
    for block, seen in _read_all(found, name, room):
        images = block.reshape(-1, *shape)
        _deal(images, held_back[done : done + len(images)], kept, aside)
        done, span = done + len(images), span.join(seen)
    with blame_all(found):
        _refuse_blank(name, span)
    return Images(kept.finish(), aside.finish() if aside else None, span)


def _deal(images: Any, held_back: Any, kept: Store, aside: Store | None) -> None:
    if aside is None:
        kept.add(images)
    else:
        kept.add(images[~held_back])
        aside.add(images[held_back])


def _read_all(
    archives: Sequence[Archive], name: str, room: Room
) -> Iterator[tuple[Any, Span]]:
    for archive in archives:
        with blame(archive.name):
            yield from _read_sound(archive, archive.headers[name], room)


def _read_sound(
    archive: Archive, header: Header, room: Room
) -> Iterator[tuple[Any, Span]]:
    """Yield blocks with the span up to there, and at the end refuse what is not sound.

    Not at once: whoever has to mend the values wants to know all of their range.
    """
    span = Span()
    for block in unpacking.read_blocks(archive.path, header, room):
        span = span.cover(block)
        if span.within(0, BRIGHTEST):
            yield block, span
    _refuse_values(header.name, span)


def _refuse_values(name: str, span: Span) -> None:
    if not span.finite:
        raise DataError(f"{name} holds NaN or infinity: replace them by numbers 0..255")
    if not span.within(0, BRIGHTEST):
        raise DataError(
            f"{name} holds values from {span.low} to {span.high}: give brightness as "
            "0..255"
        )
    if span.low < span.high <= 1:
        raise DataError(
            f"{name} holds values from {span.low} to {span.high}: multiply by 255, "
            "since the model rescales by itself"
        )


def _refuse_blank(name: str, span: Span) -> None:
    if span.low == span.high:
        raise DataError(f"{name} is {span.low} in every pixel: push images that differ")

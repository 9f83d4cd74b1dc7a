"""For handing images to the learning: taken, moved and stacked while it is at work.

The next piece is made ready in a thread while TensorFlow works on this one, so that an
image file of gigabytes needs no more memory than two pieces.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from mnist_trainer.dataset import Split
from mnist_trainer.schedule import Order, margins

__all__ = ["Piece", "ahead", "gather", "with_channels"]

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive steps with all that they need."""

    order: Order
    images: Any
    """(steps, batch, height, width, channels) uint8 or float32, moved if so planned."""
    labels: Any
    """(steps, batch) int32."""


def with_channels(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Name an image's channels, also where there is only one."""
    height, width, *channels = shape
    return height, width, (channels or [1])[0]


def gather(split: Split, order: Order) -> Piece:
    """Take the images of some steps out of memory, or out of their file."""
    rows = order.rows.ravel()
    size = with_channels(tuple(split.images.shape[1:]))
    images = np.asarray(split.images[rows]).reshape(-1, *size)
    if order.moves is not None and order.moves.shape[-1] == 2:  # noqa: PLR2004 (shifts)
        images = _shift(images, order.moves.reshape(-1, 2))
    return Piece(
        order=order,
        images=images.reshape(*order.rows.shape, *size),
        labels=split.labels[rows].reshape(order.rows.shape),
    )


def ahead(make: Callable[[_Given], _Made], given: Iterable[_Given]) -> Iterator[_Made]:
    """Make each in a thread, one ahead of whoever asks."""
    with ThreadPoolExecutor(1, thread_name_prefix="gather") as thread:
        waiting: Future[_Made] | None = None
        for each in given:
            waiting, ready = thread.submit(make, each), waiting
            if ready is not None:
                yield ready.result()
        if waiting is not None:
            yield waiting.result()


def _shift(images: Any, moves: Any) -> Any:
    """Move each image its own way; what comes in is what was at the edge."""
    down, across = margins(images.shape[1:3])
    around = ((0, 0), (down, down), (across, across), (0, 0))
    padded = np.pad(images, around, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(
        padded, images.shape[1:3], axis=(1, 2)
    )
    # (count, down, across, channels, height, width): one window of each is taken.
    taken = windows[np.arange(len(images)), moves[:, 0], moves[:, 1]]
    return np.moveaxis(taken, 1, -1)

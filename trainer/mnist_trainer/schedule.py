"""For the order of learning, decided before it begins: which rows, and how fast.

Everything random or changing is drawn up here in plain numpy from the seed, and handed
to TensorFlow as numbers: the graph itself decides nothing, so it can be compiled once
and repeated bit for bit.
Each epoch draws from a generator of its own, so a training that is taken up again after
an epoch goes on as if it had never stopped.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from mnist_trainer.recipes import Augmentation

__all__ = ["Order", "Share", "cut", "margins", "plan_epoch", "rates"]

_WARM_UP: Final = 0.2
"""The part of all steps in which the learning rate rises; then it falls to nothing."""

_TUNED_FOR: Final = 28
"""Pixels along an edge for which an image is shifted by one."""

_TURN: Final = np.radians(5)
_SCALE: Final = 0.05
_SHEAR: Final = 0.1


@dataclass(frozen=True, slots=True)
class Share:
    """Which part of each batch this process learns from."""

    number: int = 0
    of: int = 1


@dataclass(frozen=True, slots=True)
class Order:
    """Consecutive steps of training, one row of each array a step."""

    first: int
    """Number of the first step in all of training, from 0."""
    rows: Any
    """(steps, batch) int32: which images."""
    counted: Any
    """(steps, batch) float32: 1, or 0 where a row only fills the last batch up."""
    moves: Any
    """(steps, batch, 2) int32, down and across, or (steps, batch, 8) float32, a
    projective transform, or nothing."""
    totals: Any
    """(steps,) float32: how many images count in the batches of all workers."""
    rates: Any
    """(steps,) float32: the learning rate."""

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return len(self.rates)


def rates(total: int, peak: float) -> Any:
    """Rise to the peak and fall to nothing: one cycle over the whole of training."""
    at = np.arange(total) + 0.5
    top = _WARM_UP * total
    rising, falling = at / top, (total - at) / (total - top)
    return (peak * np.minimum(rising, falling)).astype(np.float32)


def plan_epoch(
    seed: int,
    epoch: int,
    *,
    images: int,
    batch: int,
    size: tuple[int, int],
    augmentation: Augmentation,
    rates: Any,
    share: Share,
) -> Order:
    """Shuffle all images into batches, and take our share of each.

    Args:
        seed: of all chance.
        epoch: its number, from 0.
        images: how many there are to learn from.
        batch: images in one step of all workers, a multiple of ``share.of``.
        size: (height, width) of an image.
        augmentation: what is done to the images.
        rates: (steps,) learning rates of this epoch.
        share: whose rows these are; all workers draw the same numbers.

    """
    generator = np.random.default_rng((seed, epoch))
    steps = len(rates)
    shuffled = generator.permutation(images).astype(np.int32)
    rows = np.resize(shuffled, (steps, batch))
    counted = (np.arange(steps * batch) < images).reshape(steps, batch)
    moves = _draw_moves(generator, (steps, batch), size, augmentation)
    part = batch // share.of
    ours = slice(share.number * part, (share.number + 1) * part)
    return Order(
        first=epoch * steps,
        rows=rows[:, ours],
        counted=counted[:, ours].astype(np.float32),
        moves=None if moves is None else moves[:, ours],
        totals=counted.sum(axis=1).astype(np.float32),
        rates=rates,
    )


def cut(order: Order, length: int) -> Iterator[Order]:
    """Cut an epoch into pieces, between which there is time to report progress."""
    for start in range(0, order.steps, length):
        piece = slice(start, start + length)
        yield Order(
            first=order.first + start,
            rows=order.rows[piece],
            counted=order.counted[piece],
            moves=None if order.moves is None else order.moves[piece],
            totals=order.totals[piece],
            rates=order.rates[piece],
        )


def margins(size: tuple[int, int]) -> tuple[int, int]:
    """How far an image is moved: one pixel at MNIST's size, none where it is small."""
    return size[0] // _TUNED_FOR, size[1] // _TUNED_FOR


def _draw_moves(
    generator: np.random.Generator,
    shape: tuple[int, int],
    size: tuple[int, int],
    augmentation: Augmentation,
) -> Any:
    if augmentation is Augmentation.NONE:
        return None
    if augmentation is Augmentation.SHIFT:
        most = [2 * margin for margin in margins(size)]
        return generator.integers(0, most, (*shape, 2), np.int32, endpoint=True)
    return _draw_transforms(generator, shape, size)


def _draw_transforms(
    generator: np.random.Generator, shape: tuple[int, int], size: tuple[int, int]
) -> Any:
    """Turn, scale, shear and move about the middle of the image, (steps, batch, 8).

    The eight numbers tell where a pixel of the result is taken from, as
    ``ImageProjectiveTransformV3`` reads them.
    """
    angle, tall, wide, shear, down, across = generator.uniform(-1, 1, (6, *shape))
    cosine, sine = np.cos(_TURN * angle), np.sin(_TURN * angle)
    tall, wide = 1 + _SCALE * tall, 1 + _SCALE * wide
    matrix = np.zeros((*shape, 8))
    matrix[..., 0] = wide * cosine
    matrix[..., 1] = _SHEAR * shear - wide * sine
    matrix[..., 3] = tall * sine
    matrix[..., 4] = tall * cosine
    for row, (length, moved) in enumerate(((size[1], across), (size[0], down))):
        middle = [(side - 1) / 2 for side in (size[1], size[0])]
        turned = matrix[..., 3 * row] * middle[0] + matrix[..., 3 * row + 1] * middle[1]
        matrix[..., 3 * row + 2] = middle[row] - turned + moved * length / _TUNED_FOR
    return matrix.astype(np.float32)

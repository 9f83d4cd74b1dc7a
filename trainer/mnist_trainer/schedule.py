"""For the order of learning, decided before it begins: which rows, and how fast.

Everything random or changing is drawn up here in plain numpy from the seed, and handed
to TensorFlow as numbers: the graph itself decides nothing, so it can be compiled once
and repeated bit for bit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

__all__ = ["Steps", "cut", "plan_epoch", "rates"]

_WARM_UP: Final = 0.2
"""The part of all steps in which the learning rate rises; then it falls to nothing."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Consecutive steps of training, one row of each array a step."""

    rows: Any
    """(steps, batch): which images."""
    shifts: Any
    """(steps, 2): where in its margin the batch is cut out, down and across."""
    rates: Any
    """(steps,): the learning rate."""

    @property
    def count(self) -> int:
        """How many steps there are."""
        return len(self.rates)


def rates(total: int, peak: float) -> Any:
    """Rise to the peak and fall to nothing: one cycle over the whole of training."""
    at = np.arange(total) + 0.5
    top = _WARM_UP * total
    rising, falling = at / top, (total - at) / (total - top)
    return (peak * np.minimum(rising, falling)).astype(np.float32)


def plan_epoch(
    generator: np.random.Generator, *, images: int, batch: int, margin: int, rates: Any
) -> Steps:
    """Shuffle all images into batches; the last is filled up from the first."""
    count = len(rates)
    shuffled = generator.permutation(images).astype(np.int32)
    return Steps(
        rows=np.resize(shuffled, (count, batch)),
        shifts=generator.integers(0, 2 * margin, (count, 2), np.int32, endpoint=True),
        rates=rates,
    )


def cut(steps: Steps, length: int) -> Iterator[Steps]:
    """Cut an epoch into pieces, between which there is time to report progress."""
    for start in range(0, steps.count, length):
        piece = slice(start, start + length)
        yield Steps(steps.rows[piece], steps.shifts[piece], steps.rates[piece])

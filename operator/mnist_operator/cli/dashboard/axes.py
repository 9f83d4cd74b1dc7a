"""Scales of a plot: from values to pixels, and round numbers beside it. Pure."""

import math
from dataclasses import dataclass

__all__ = ["Scale", "fit", "ticks"]

_STEPS = (1.0, 2.0, 5.0, 10.0)
_MARGIN = 0.08
"""Of the span, above and below the values."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high`, on pixels from `begin` to `end`."""

    low: float
    high: float
    begin: float
    end: float

    def place(self, value: float) -> float:
        """The pixel of a value, to a tenth."""
        part = (value - self.low) / (self.high - self.low)
        return round(self.begin + part * (self.end - self.begin), 1)


def fit(low: float, high: float, *, least: float, begin: float, end: float) -> Scale:
    """A scale that shows all values, and a span of at least `least`."""
    middle, span = (low + high) / 2, max(high - low, least)
    half = span * (0.5 + _MARGIN)
    return Scale(middle - half, middle + half, begin, end)


def ticks(scale: Scale, most: int) -> list[float]:
    """Round values within a scale, about `most` (4 or more), and one at least.

    Their steps are 1, 2 or 5 times a power of ten.
    """
    rough = (scale.high - scale.low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((each for each in _STEPS if each * power >= rough), 10.0) * power
    first = math.ceil(scale.low / step)
    last = math.floor(scale.high / step)
    return [round(each * step, 12) for each in range(first, last + 1)]

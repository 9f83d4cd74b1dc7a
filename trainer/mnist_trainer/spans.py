"""For the values of an array that comes in blocks: from what to what, and no NaN."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Span"]


@dataclass(frozen=True, slots=True)
class Span:
    """The least and the greatest of all numbers seen so far; none at first."""

    low: Any = math.inf
    high: Any = -math.inf
    finite: bool = True
    """Whether none of them was NaN or an infinity."""

    def cover(self, block: Any) -> "Span":
        """Take in another block."""
        with np.errstate(invalid="ignore"):  # A NaN is found out below.
            low, high = block.min(), block.max()
        # A single NaN makes both of them NaN; an infinity is one of them.
        if np.isfinite(low) and np.isfinite(high):
            return self.join(Span(low, high))
        return Span(self.low, self.high, finite=False)

    def join(self, other: "Span") -> "Span":
        """Take in all that another one has seen."""
        return Span(
            min(self.low, other.low),
            max(self.high, other.high),
            finite=self.finite and other.finite,
        )

    def within(self, low: float, high: float) -> bool:
        """Tell whether all of them are numbers from ``low`` to ``high``."""
        return self.finite and low <= self.low and self.high <= high

"""Fewer points that look the same: the lowest and the highest of each stretch. Pure.

A curve of which every stretch keeps its extremes covers the same pixels; means would
hide the one bad model that somebody looks for.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["thin"]

T = TypeVar("T")


def thin(points: Sequence[T], most: int, value: Callable[[T], float]) -> list[T]:
    """At most `most` (4 or more) of the points, in their order.

    The first and the last stay; of each stretch between them the lowest and the
    highest.
    """
    if len(points) <= most:
        return list(points)
    stretches = (most - 2) // 2
    inner = range(1, len(points) - 1)
    kept = {0, len(points) - 1}
    for each in range(stretches):
        begin = 1 + each * len(inner) // stretches
        end = 1 + (each + 1) * len(inner) // stretches
        stretch = range(begin, end)
        kept.add(min(stretch, key=lambda i: value(points[i])))
        kept.add(max(stretch, key=lambda i: value(points[i])))
    return [points[i] for i in sorted(kept)]

"""How long a loop rests: after what went wrong, and not all of them equally long."""

import asyncio
import random
from collections.abc import Callable

from mnist_operator.settings import Settings

__all__ = ["Rests", "backoff", "spread", "wide_spread"]

_FIRST_BACKOFF_SECONDS = 0.5
_LAST_BACKOFF_SECONDS = 60.0
_LOST_RACE_SECONDS = 0.05
_DOUBT_SECONDS = 330.0
"""So long after a call that failed it may still arrive: more than any deadline."""


class Rests:
    """How long one training may be left alone; longer while rounds are made."""

    def __init__(self, settings: Settings, rounds_are_made: Callable[[], bool]) -> None:
        self._settings = settings
        self._rounds_are_made = rounds_are_made
        self._doubted_until: float | None = None
        """By the loop's time. A call that failed, or that an operator made which died,
        may take effect later; so there is one more look, whatever is told."""

    def doubt(self) -> None:
        """A call has failed."""
        self._doubted_until = None

    def trust(self) -> None:
        """Nothing was read but that all is as it was: the look can wait for longer."""
        now = asyncio.get_running_loop().time()
        self._doubted_until = now + _DOUBT_SECONDS * wide_spread()

    def rest(self, *, settled: bool) -> float:
        """How long to sleep when nothing is to be done."""
        now, settings = asyncio.get_running_loop().time(), self._settings
        if not settled or not self._rounds_are_made():
            return settings.resync_seconds
        if self._doubted_until is None:
            self._doubted_until = now + _DOUBT_SECONDS * spread()
        if now < self._doubted_until:
            return self._doubted_until - now
        return max(settings.full_resync_seconds * spread(), settings.resync_seconds)


def backoff(failures: int, *, lost_race: bool = False) -> float:
    """Doubling, with jitter so that a thousand trainings do not knock at once.

    A race that was lost once is over by now.
    """
    if lost_race and failures == 1:
        return _LOST_RACE_SECONDS
    doubled = _FIRST_BACKOFF_SECONDS * 2.0 ** min(failures - 1, 10)
    seconds = min(doubled, _LAST_BACKOFF_SECONDS)
    return seconds * random.uniform(0.5, 1.0)  # noqa: S311 (not for secrecy)


def spread() -> float:
    """About 1: what many do at times of their own is not done at the same time."""
    return random.uniform(0.75, 1.25)  # noqa: S311 (not for secrecy)


def wide_spread() -> float:
    """From 1 to 4: what all would do at about the same time, and is in no hurry."""
    return random.uniform(1.0, 4.0)  # noqa: S311 (not for secrecy)

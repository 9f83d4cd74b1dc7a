"""How long a loop rests: after what went wrong, and not all of them equally long."""

import random

__all__ = ["backoff", "spread"]

_FIRST_BACKOFF_SECONDS = 0.5
_LAST_BACKOFF_SECONDS = 60.0
_LOST_RACE_SECONDS = 0.05


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

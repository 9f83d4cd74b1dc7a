"""What is begun again and again for nothing.

An attempt that is given up counts for nothing, and its commit may be begun anew at
once. If what it was given up for is no longer seen once it is gone, that has no end.
"""

from collections import Counter

from mnist_operator.runs import Verdict, read_attempt

__all__ = ["find_vain"]

_MOST = 4
"""Somebody may change a spec back and forth, and who prepares an attempt may die."""


def find_vain(world):
    """The same thing that was given up for the same reason too often; or nothing."""
    staged = (c for c in world.pachyderm.commits.values() if c.repo == world.runs)
    found = Counter(
        (attempt.turn, attempt.uid, attempt.outcome.reason)
        for attempt in map(read_attempt, staged)
        if attempt is not None
        and attempt.outcome is not None
        and attempt.outcome.verdict is Verdict.ABANDONED
    )
    often = (
        f"{reason}: {many} times"
        for (*_, reason), many in found.items()
        if many > _MOST
    )
    return next(often, "")

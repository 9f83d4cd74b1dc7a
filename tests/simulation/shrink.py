"""Make a schedule that breaks something as short as it can be, and still break it."""

from simulation.play import play

__all__ = ["shrink"]


def shrink(schedule, seed):
    """The schedule without all that may be left out (ddmin, Zeller, 2002).

    Pieces of half its length are left out first, then smaller ones, down to single
    happenings. What is broken may be another thing then: that is as good a find.
    """
    size = max(len(schedule) // 2, 1)
    while True:
        shorter = _without_a_piece(schedule, seed, size)
        if shorter is not None:
            schedule = shorter
        elif size == 1:
            return schedule
        else:
            size //= 2


def _without_a_piece(schedule, seed, size):
    for start in range(0, len(schedule), size):
        shorter = (*schedule[:start], *schedule[start + size :])
        if shorter and play(shorter, seed).violation:
            return shorter
    return None

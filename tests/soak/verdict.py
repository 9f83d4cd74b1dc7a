"""Whether something grows: two fifths of a run compared, robustly.

The second fifth stands for the beginning, when all caches are warm; the last one for
the end. Their medians differ by chance a little, so each thing has its tolerance:
what chance may do, and what each decision may leave behind for good.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

__all__ = ["Growth", "Tolerance", "compare", "find_tolerance"]

_LEAST_SAMPLES = 10


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How much more there may be at the end."""

    share: float = 0.0
    """Of what there was."""
    more: float = 0.0
    """In any case."""
    each: float = 0.0
    """For each commit that was decided in between."""

    def allowed(self, before: float, decisions: float) -> float:
        """So much, in all."""
        return self.share * before + self.more + self.each * decisions


@dataclass(frozen=True, slots=True)
class Growth:
    """One thing, then and now."""

    name: str
    before: float
    after: float
    allowed: float

    @property
    def is_more(self) -> bool:
        """Whether it has grown by more than it may."""
        return self.after - self.before > self.allowed


def compare(
    samples: Sequence[Mapping[str, float]],
    tolerances: Mapping[str, Tolerance],
    *,
    clock: str = "decisions",
) -> list[Growth]:
    """Everything that was sampled; what a sample lacks, there was none of.

    `clock` names the sample's count of decisions. Names of tolerances may end in `*`.

    Raises:
        ValueError: There are too few samples to say anything.
    """
    if len(samples) < _LEAST_SAMPLES:
        raise ValueError(f"{len(samples)} samples are too few; run it for longer")
    fifth = len(samples) // 5
    early, late = samples[fifth : 2 * fifth], samples[-fifth:]
    decisions = _median(late, clock) - _median(early, clock)
    names = sorted({name for each in samples for name in each} - {clock})
    found = []
    for name in names:
        before, after = _median(early, name), _median(late, name)
        tolerance = find_tolerance(name, tolerances)
        allowed = tolerance.allowed(before, decisions)
        found.append(Growth(name, before, after, allowed))
    return found


def find_tolerance(name: str, tolerances: Mapping[str, Tolerance]) -> Tolerance:
    """The one that fits best: its own, or that of the longest beginning."""
    if name in tolerances:
        return tolerances[name]
    fits = [
        pattern
        for pattern in tolerances
        if pattern.endswith("*") and name.startswith(pattern[:-1])
    ]
    return tolerances[max(fits, key=len)] if fits else Tolerance()


def _median(samples: Sequence[Mapping[str, float]], name: str) -> float:
    return float(median(each.get(name, 0.0) for each in samples))

"""Two terms of the ledger: how far a walk goes, and how many failures are in a row."""

from dataclasses import dataclass
from enum import StrEnum

from mnist_operator.decisions import Decision, Entry

__all__ = ["Bound", "Streak"]


class Bound(StrEnum):
    """What a walk from the head downwards does at a commit."""

    TAKE = "Take"
    """It is still to decide; look further down."""
    LOOK_FURTHER = "LookFurther"
    """It is decided, but from before the present start; look further down."""
    TAKE_AND_STOP = "TakeAndStop"
    STOP = "Stop"


@dataclass(frozen=True, slots=True)
class Streak:
    """Failures in a row, of one generation of one MnistTraining.

    A model ends it, and so does a change of the spec; a run that was requested
    begins it anew.
    """

    by: str = ""
    count: int = 0

    def after(self, entry: Entry) -> "Streak":
        """The streak once this was decided; a skip changes nothing."""
        if entry.decision is Decision.PUBLISHED:
            return Streak()
        if entry.decision is not Decision.FAILED:
            return self
        goes_on = entry.by == self.by and not entry.request
        return Streak(entry.by, self.count + 1 if goes_on else 1)

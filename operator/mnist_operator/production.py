"""What is in production, what may take its place, and what is asked for. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from mnist_operator.ledger import Ledger
from mnist_operator.test_result import Verdict
from mnist_operator.trial import Trial

__all__ = [
    "ROLLED_BACK",
    "Candidate",
    "Kind",
    "MoveRequest",
    "Production",
    "find_target",
]


ROLLED_BACK = "RolledBack"
"""The reason of a move to a model that was in production before."""


class Kind(StrEnum):
    """What a person asks to be done with the production branch."""

    PROMOTE = "Promote"
    ROLLBACK = "Rollback"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that is published."""

    commit: str
    input_commit: str = ""
    verdict: Verdict | None = None
    """What the gate said when it was published; None: it was not asked."""


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """A request to move the production branch that is not answered yet."""

    text: str
    """The annotation's value: its identity."""
    kind: str
    """One of `Kind`, or whatever else somebody wrote."""
    asked: str = ""
    """The model that was named; empty: the newest, or the one before."""
    forced: str = ""
    """Why it is promoted although the gate did not let it pass."""
    model: Candidate | None = None
    """That model, where there is one of this training."""


@dataclass(frozen=True, slots=True)
class Production:
    """The production branch, as seen just now."""

    head: str = ""
    """The model that it shows; empty: there is none yet."""
    candidate: Candidate | None = None
    """The newest model."""
    request: MoveRequest | None = None
    trial: Trial | None = None
    """What a run that is opened now compares; None where the images are missing."""


def find_target(kind: str, asked: str, head: str, ledger: Ledger) -> str:
    """The model that a request is about; empty where that cannot be told.

    A rollback leads to what was in production before the present one was promoted,
    however often it was rolled back to since.
    """
    if asked:
        return asked
    if kind == Kind.PROMOTE:
        return ledger.published.output if ledger.published else ""
    ups = (move for move in ledger.moves if move.reason != ROLLED_BACK)
    return next((move.previous for move in ups if move.output == head), "")

"""What can fail about a run, and whether another attempt may get over it.

The one table: `attempts` and `reconcile` take their verdicts from here, and
docs/operations.md shows it. An attempt is given up, and does not count, where the
world around it has changed; it failed where it was the run's own fault or fate.
"""

from dataclasses import dataclass

from mnist_operator.runs import Outcome, Verdict

__all__ = ["FAILURES", "Failure", "exited", "failed", "given_up"]

_LAST_PERMANENT_CODE = 127
"""From 128 on a signal ended the process: by TFJob's own convention retryable."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One row: the reason in the record, what happened, whether to try again."""

    reason: str
    what: str
    again: bool


_PASSING = (
    ("TrainerKilled", "exit code 128 to 255, or one that the spec lists as retryable"),
    ("PodLost", "pod evicted, deleted or lost with its node"),
    ("JobLost", "TFJob deleted or gone before it ended, or without its labels"),
    ("StartupDeadlineExceeded", "not all its pods ran within startupDeadlineSeconds"),
    ("StagingClosed", "somebody closed the attempt's staging commit"),
)
_FINAL = (
    ("TrainerFailed", "exit code 1 to 127; the trainer's own reason where it gave one"),
    ("DeadlineExceeded", "longer than activeDeadlineSeconds"),
    ("OutputInvalid", "success without a model, unlike its list, or on other data"),
    ("PublishFailed", "pachd finished the output commit with an error"),
)
FAILURES: tuple[Failure, ...] = (
    *(Failure(reason, what, again=True) for reason, what in _PASSING),
    *(Failure(reason, what, again=False) for reason, what in _FINAL),
)
_AGAIN = {each.reason: each.again for each in FAILURES}


def failed(reason: str, message: str) -> Outcome:
    """The outcome for a row of the table."""
    return Outcome(Verdict.FAILED, reason, message, retryable=_AGAIN[reason])


def exited(reason: str, message: str, code: int, *, listed: bool) -> Outcome:
    """The outcome of a trainer that ended itself, or was killed.

    `listed`: spec.attempts.retryableExitCodes names this code.
    """
    killed = code > _LAST_PERMANENT_CODE
    reason = reason or ("TrainerKilled" if killed else "TrainerFailed")
    return Outcome(Verdict.FAILED, reason, message, killed or listed, code)


def given_up(reason: str, message: str) -> Outcome:
    """The outcome of an attempt that does not count."""
    return Outcome(Verdict.ABANDONED, reason, message)

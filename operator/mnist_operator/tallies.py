"""What is counted for one MnistTraining, as plain numbers. Pure.

Numbers and not Prometheus' own objects, since a look adds to several of them: a label
is looked up when somebody asks, which is seldom. They begin at zero with the process;
so of a commit, a line or a run only what this process itself has seen or done counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mnist_operator.commits import Commit, CommitState
from mnist_operator.decisions import RUN_ENDS, Decision, Entry
from mnist_operator.failures import bounded
from mnist_operator.foreign import moment
from mnist_operator.ledger import Ledger
from mnist_operator.plan import CloseAttempt, Observed
from mnist_operator.runs import Attempt, Outcome, Verdict, job_name
from mnist_operator.status import Status
from mnist_operator.tfjob import Job

__all__ = [
    "End",
    "Result",
    "Shown",
    "Tally",
    "end_of_close",
    "ends_of_entries",
    "finished_at",
    "outcome_of",
    "read_status",
    "since_commit",
    "written",
]

_SPARE = 100
"""Commits remembered beyond those that wait, before the decided ones are dropped."""


class Result(StrEnum):
    """What became of a run."""

    PUBLISHED = "published"
    FAILED = "failed"
    CANCELED = "canceled"
    """It was stopped or given up, or not published: its commit needs no model."""


@dataclass(frozen=True, slots=True)
class End:
    """The end of a run."""

    result: Result
    seconds: float | None
    """From its TFJob's start to its end, where both are known."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a status says, as numbers."""

    pending: int = 0
    active: int = 0
    ready: bool = False
    stalled: str = ""
    """The reason, while Stalled is true."""
    accuracy: float | None = None
    succeeded: float | None = None
    """When the newest model was published, in Unix time."""
    failure: str = ""
    """Why the newest run failed, in one of so many words; empty where it did not."""


def _none_of(words: Iterable[str]) -> dict[str, int]:
    """All of them from the start: what is not there cannot be alerted on."""
    return {word.lower(): 0 for word in words}


@dataclass(slots=True)
class Tally:
    """The numbers of one training; only the loop's thread writes them."""

    observed: int = 0
    started: int = 0
    decided: dict[str, int] = field(default_factory=lambda: _none_of(Decision))
    finished: dict[str, int] = field(default_factory=lambda: _none_of(Result))
    waiting_since: datetime | None = None
    """When the oldest commit that waits was finished."""
    unexplained: int = 0
    shown: Shown | None = None
    """None before the first status."""
    _seen: set[str] = field(default_factory=set)
    """Commits that wait, and some that are decided."""

    def see(self, waiting: Sequence[Commit]) -> None:
        """Count what has been finished since the last look; oldest first."""
        new: list[Commit] = []
        for commit in reversed(waiting):
            if commit.id in self._seen:
                break  # So were all before it.
            new.append(commit)
        for commit in reversed(new):
            if commit.finished is None:
                break  # In order: those above it are counted with it.
            self._seen.add(commit.id)
            self.observed += commit.state is CommitState.FINISHED
        self.waiting_since = waiting[0].finished if waiting else None
        if len(self._seen) > 2 * len(waiting) + _SPARE:
            self._seen &= {each.id for each in waiting}


def read_status(status: Status) -> Shown:
    """The numbers of a status; an accuracy or a time that is none is left out."""
    conditions = {each.type: each for each in status.conditions}
    ready, stalled = conditions.get("Ready"), conditions.get("Stalled")
    succeeded = moment(status.last_successful_time)
    return Shown(
        pending=status.pending_commits,
        active=len(status.active),
        ready=ready is not None and ready.status == "True",
        stalled=stalled.reason if stalled and stalled.status == "True" else "",
        accuracy=_read_ratio(status.last_accuracy),
        succeeded=None if succeeded is None else succeeded.timestamp(),
        failure=_find_failure(status),
    )


def _find_failure(status: Status) -> str:
    """The reason of the newest run that was decided; a skip is no run."""
    for each in status.history:
        if each.decision in RUN_ENDS:
            failed = each.decision == Decision.FAILED
            return bounded(each.reason) if failed else ""
    return ""


def _read_ratio(text: str) -> float | None:
    try:
        ratio = float(text)
    except ValueError:
        return None
    return ratio if 0 <= ratio <= 1 else None


def finished_at(observed: Observed, commit: str) -> datetime | None:
    """When an input commit was finished; None where that is not known."""
    found = observed.inputs.get(commit)
    if found is None or found.finished is None:
        waiting = observed.source.waiting
        found = next((each for each in waiting if each.id == commit), None)
    return None if found is None else found.finished


def since_commit(observed: Observed, commit: str, then: datetime) -> float | None:
    """Seconds from the finish of an input commit to then; None where none is known."""
    finished = finished_at(observed, commit)
    return None if finished is None else _between(finished, then)


def _between(began: datetime, ended: datetime) -> float:
    """Two machines' clocks may differ: nothing ends before it began."""
    return max((ended - began).total_seconds(), 0.0)


def end_of_close(
    observed: Observed, action: CloseAttempt, outcome: Outcome | None, now: datetime
) -> End | None:
    """The run that came to its end with its attempt; None where none did.

    One that went well ends when its commit is decided, and one that was given up
    before it had a TFJob never began. No outcome: somebody else closed it.
    """
    if outcome is None or outcome.verdict is Verdict.SUCCEEDED:
        return None
    name = job_name(observed.training.name, action.attempt.staging)
    if name not in observed.jobs and name not in observed.created:
        return None
    failed = outcome.verdict is Verdict.FAILED
    seconds = None if action.job is None else _lasted(action.job, now)
    return End(Result.FAILED if failed else Result.CANCELED, seconds)


def _lasted(job: Job, now: datetime) -> float:
    return _between(job.started or job.created, job.ended or now)


def outcome_of(attempts: Iterable[Attempt], staging: str) -> Outcome | None:
    """How a closed attempt ended; None while it is open, or gone."""
    return next((each.outcome for each in attempts if each.staging == staging), None)


def written(entries: Iterable[Entry], ledger: Ledger) -> tuple[Entry, ...]:
    """Those that the ledger has: appended once more, they would change nothing."""
    return tuple(each for each in entries if ledger.extended([each]) == ledger)


def ends_of_entries(
    entries: Iterable[Entry], attempts: Iterable[Attempt]
) -> tuple[End, ...]:
    """The runs that went well, and came to their end with these lines."""
    known = {each.staging: each for each in attempts}
    ends = (_end_of(each, known.get(each.run)) for each in entries if each.run)
    return tuple(end for end in ends if end is not None)


def _end_of(entry: Entry, attempt: Attempt | None) -> End | None:
    result = _RESULTS.get(entry.decision)
    outcome = attempt.outcome if attempt else None
    went_well = outcome is not None and outcome.verdict is Verdict.SUCCEEDED
    if result is None or not (went_well or result is Result.PUBLISHED):
        return None  # It goes on, or it ended with its attempt.
    return End(result, None if attempt is None else _took(attempt))


_RESULTS = {
    Decision.PUBLISHED: Result.PUBLISHED,
    Decision.FAILED: Result.FAILED,
    Decision.SKIPPED: Result.CANCELED,
}
"""What a decision says of a run that went well; the others end none."""


def _took(attempt: Attempt) -> float | None:
    """As its closed staging commit says."""
    began = moment(attempt.facts.get("startedAt"))
    ended = moment(attempt.facts.get("endedAt"))
    return None if began is None or ended is None else _between(began, ended)

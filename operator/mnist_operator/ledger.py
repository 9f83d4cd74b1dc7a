"""The ledger: one line for every decision about every commit, append-only.

It lives as one file on a branch of its own in the run repo. It is an index: the
truth is in the output commits and in the closed attempts, from which a missing
line is written again. Reading it costs one call, walking history 10 ms a commit.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from mnist_operator.commits import Commit
from mnist_operator.runs import Attempt, job_name

__all__ = [
    "LEDGER_FILE",
    "Bound",
    "Decision",
    "Entry",
    "Ledger",
    "Start",
    "failure_of",
    "to_lines",
]

LEDGER_FILE = "/ledger.jsonl"
_MESSAGE_LIMIT = 500
_RECENT = 10
"""Entries kept whole in memory, and shown in status."""


class Decision(StrEnum):
    """What was decided."""

    STARTED = "Started"
    """About no commit: where following the branch begins."""
    PUBLISHED = "Published"
    FAILED = "Failed"
    SKIPPED = "Skipped"


class Bound(StrEnum):
    """What a walk from the head downwards does at a commit."""

    TAKE = "Take"
    """It is still to decide; look further down."""
    LOOK_FURTHER = "LookFurther"
    """It is decided, but from before the present start; look further down."""
    TAKE_AND_STOP = "TakeAndStop"
    STOP = "Stop"


@dataclass(frozen=True, slots=True)
class Start:
    """Where following the branch begins; fixed once, so a restart cannot move it."""

    asked: str
    """spec.trigger.startFrom at that time; another value there sets a new start."""
    commit: str = ""
    """The commit to begin at; empty: with whatever is pushed."""
    inclusive: bool = True
    after: datetime | None = None
    """When that commit was started: nothing older is trained, also once it is gone."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line."""

    time: datetime
    decision: Decision
    commit: str = ""
    reason: str = ""
    message: str = ""
    attempt: int = 0
    run: str = ""
    tfjob: str = ""
    output: str = ""
    accuracy: str = ""
    spec: str = ""
    start: Start | None = None

    def to_line(self) -> bytes:
        """One line of JSON, without what is empty."""
        value: dict[str, Any] = {"time": self.time.isoformat()}
        for name in _TEXTS:
            if text := getattr(self, name):
                value[name] = text
        if self.attempt:
            value["attempt"] = self.attempt
        if self.start is not None:
            after = self.start.after
            value["start"] = {
                "asked": self.start.asked,
                "commit": self.start.commit,
                "inclusive": self.start.inclusive,
                "after": after.isoformat() if after else None,
            }
        return json.dumps(value, separators=(",", ":")).encode() + b"\n"


_TEXTS = (
    "decision",
    "commit",
    "reason",
    "message",
    "run",
    "tfjob",
    "output",
    "accuracy",
    "spec",
)


def _read_line(line: bytes) -> Entry | None:
    """One entry; None for a line that another version or a person wrote."""
    try:
        value = json.loads(line)
        return Entry(
            time=_read_time(value["time"]),
            decision=Decision(value["decision"]),
            attempt=int(value.get("attempt", 0)),
            start=_read_start(value.get("start")),
            **{name: str(value.get(name, "")) for name in _TEXTS[1:]},
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


def _read_time(text: str) -> datetime:
    """A time without a zone, as a person may write it, is one in UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read_start(value: Any) -> Start | None:
    if value is None:
        return None
    after = value["after"]
    return Start(
        asked=value["asked"],
        commit=value["commit"],
        inclusive=value["inclusive"],
        after=_read_time(after) if after else None,
    )


def _repeats(entry: Entry, decided: Collection[str], start: Start | None) -> bool:
    """Whether a line that names no run was written twice, by an append that was late.

    A start is fixed once for what was asked, and a decided commit is never skipped.
    """
    if entry.start is not None:
        return start is not None and start.asked == entry.start.asked
    return entry.decision is Decision.SKIPPED and entry.commit in decided


@dataclass(frozen=True, slots=True)
class Ledger:
    """All decisions of one training, folded."""

    start: Start | None = None
    decided: frozenset[str] = frozenset()
    settled: frozenset[str] = field(default=frozenset(), repr=False)
    """Those decided since the present start: below them nothing is open."""
    runs: frozenset[str] = field(default=frozenset(), repr=False)
    """Staging commits whose end is written down."""
    recent: tuple[Entry, ...] = ()
    """The last decisions about commits, newest first."""
    published: Entry | None = None
    """The newest model."""

    @staticmethod
    def parse(content: bytes) -> "Ledger":
        """Fold the lines of a ledger file."""
        entries = (_read_line(line) for line in content.splitlines())
        return Ledger().extended([entry for entry in entries if entry])

    def extended(self, entries: Sequence[Entry]) -> "Ledger":
        """The ledger after these entries, of which those that repeat are ignored."""
        fresh: list[Entry] = []
        seen, decided, start = set(self.runs), set(self.decided), self.start
        for entry in entries:
            if entry.run not in seen and not _repeats(entry, decided, start):
                fresh.append(entry)
                start = entry.start or start
                decided.add(entry.commit)
            if entry.run:
                seen.add(entry.run)
        starts = [e.start for e in fresh if e.start is not None]
        about_commits = [e for e in fresh if e.decision is not Decision.STARTED]
        models = [e for e in about_commits if e.decision is Decision.PUBLISHED]
        since = max(
            (i for i, e in enumerate(fresh) if e.start is not None), default=None
        )
        settled = frozenset() if since is not None else self.settled
        return replace(
            self,
            start=starts[-1] if starts else self.start,
            decided=self.decided | {e.commit for e in about_commits},
            settled=settled | {e.commit for e in fresh[since or 0 :] if e.commit},
            runs=frozenset(seen),
            recent=(*reversed(about_commits), *self.recent)[:_RECENT],
            published=models[-1] if models else self.published,
        )

    def bound(self, commit: Commit, *, is_head: bool) -> Bound:
        """Whether a commit met on the way down from the head is still to decide.

        Below a settled commit everything is decided, since commits are decided
        oldest first. The head itself is always a candidate: moving a branch to an
        older commit asks for that commit as much as a push does.
        """
        start = self.start
        if start is None or commit.id in self.settled:
            return Bound.STOP
        taken = commit.id not in self.decided
        if commit.id == start.commit:
            return Bound.TAKE_AND_STOP if taken and start.inclusive else Bound.STOP
        if start.after is not None and commit.started < start.after:
            return Bound.TAKE_AND_STOP if taken and is_head else Bound.STOP
        return Bound.TAKE if taken else Bound.LOOK_FURTHER


def to_lines(entries: Iterable[Entry]) -> bytes:
    """What is appended to the ledger file for these entries."""
    return b"".join(entry.to_line() for entry in entries)


def failure_of(attempt: Attempt, reason: str, message: str, *, now: datetime) -> Entry:
    """The line about a commit whose last attempt this was."""
    return Entry(
        time=now,
        decision=Decision.FAILED,
        commit=attempt.commit,
        reason=reason,
        message=message[:_MESSAGE_LIMIT],
        attempt=attempt.number,
        run=attempt.staging,
        tfjob=job_name(attempt.training.rpartition("/")[2], attempt.staging),
        spec=attempt.digest,
    )

"""The ledger: one line for every decision about every commit, append-only.

It lives as one file on a branch of its own in the run repo. It is an index: the
truth is in the output commits and in the closed attempts, from which a missing
line is written again. Reading it costs one call, walking history 10 ms a commit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from mnist_operator.commits import Commit
from mnist_operator.decisions import (
    ABOUT_PRODUCTION,
    AUTOMATIC,
    SUPERSEDED,
    Decision,
    Entry,
    Start,
    is_own_request,
    read_line,
)

__all__ = ["LEDGER_FILE", "Bound", "Ledger", "Streak", "counting"]

LEDGER_FILE = "/ledger.jsonl"
_MOVES = 100
"""Promotions kept whole in memory: so far back a rollback finds its way by itself."""
_RECENT = 10
"""Entries kept whole in memory, and shown in status."""


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


@dataclass(frozen=True, slots=True)
class Ledger:
    """All decisions of one training, folded."""

    start: Start | None = None
    decided: frozenset[str] = frozenset()
    settled: frozenset[str] = field(default=frozenset(), repr=False)
    """Decided in their turn since the present start: below them nothing is open."""
    runs: frozenset[str] = field(default=frozenset(), repr=False)
    """Staging commits whose end is written down."""
    requests: frozenset[str] = field(default=frozenset(), repr=False)
    """Those that have been answered."""
    tried: frozenset[tuple[str, str]] = field(default=frozenset(), repr=False)
    """Commit and spec digest of every run whose end is written down."""
    recent: tuple[Entry, ...] = ()
    """The last decisions about commits, newest first."""
    published: Entry | None = None
    """The newest model."""
    newest: Entry | None = None
    """The newest end of a run that nobody requested by hand."""
    last_request: str = ""
    """The last request by hand that was answered."""
    superseded: int = 0
    """Commits that were superseded since the last run's end."""
    streak: Streak = Streak()
    moves: tuple[Entry, ...] = ()
    """The last moves of the production branch, newest first."""
    promoted: frozenset[str] = field(default=frozenset(), repr=False)
    """Models that have been in production."""
    withheld: frozenset[str] = field(default=frozenset(), repr=False)
    """Models that the gate did not let pass."""
    answered: frozenset[str] = field(default=frozenset(), repr=False)
    """Requests to move the production branch that have been answered."""
    last_answer: Entry | None = None

    @property
    def in_production(self) -> str:
        """The model that the production branch was moved to last."""
        return self.moves[0].output if self.moves else ""

    @staticmethod
    def parse(content: bytes) -> "Ledger":
        """Fold the lines of a ledger file."""
        return Ledger().grown(content)

    def grown(self, content: bytes) -> "Ledger":
        """The ledger with these lines after its own."""
        entries = (read_line(line) for line in content.splitlines())
        return self.extended([entry for entry in entries if entry])

    def extended(self, entries: Sequence[Entry]) -> "Ledger":
        """The ledger after these entries, of which those that repeat are ignored."""
        fold = _Fold(self)
        for entry in entries:
            fold.add(entry)
        return fold.result()

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


def counting(entries: Iterable[Entry]) -> list[bool]:
    """For each entry whether it counts: late appends and repeats change nothing."""
    fold = _Fold(Ledger())
    return [fold.add(entry) for entry in entries]


class _Fold:
    """A ledger while lines are added to it: sets that grow in place."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._sets: dict[str, set[Any]] = {
            name: set(getattr(ledger, name)) for name in _SETS
        }
        self._recent: list[Entry] = []

    def add(self, entry: Entry) -> bool:
        """One more line, unless it was written twice; tell whether it counts."""
        if entry.decision in ABOUT_PRODUCTION:
            return self._move(entry)
        run, sets = entry.run, self._sets
        counts = run not in sets["runs"] and not self._repeats(entry)
        if counts:
            self._take(entry)
        if run:
            sets["runs"].add(run)
        return counts

    def result(self) -> Ledger:
        """All of it."""
        recent = (*reversed(self._recent), *self._ledger.recent)[:_RECENT]
        sets: dict[str, Any] = {k: frozenset(v) for k, v in self._sets.items()}
        return replace(self._ledger, recent=recent, **sets)

    def _move(self, entry: Entry) -> bool:
        """A line about the production branch, unless it was written twice.

        The operator itself promotes a model once, and withholds it once.
        """
        sets, asked = self._sets, bool(entry.request)
        moved = entry.decision is Decision.PROMOTED
        if asked:
            counts = entry.request not in sets["answered"]
        elif moved and entry.reason != AUTOMATIC:
            counts = entry.output != self._ledger.in_production
        else:
            counts = entry.output not in sets["promoted" if moved else "withheld"]
        if not counts:
            return False
        if asked:
            sets["answered"].add(entry.request)
            self._ledger = replace(self._ledger, last_answer=entry)
        if moved:
            sets["promoted"].add(entry.output)
            moves = (entry, *self._ledger.moves)[:_MOVES]
            self._ledger = replace(self._ledger, moves=moves)
        elif not asked:
            sets["withheld"].add(entry.output)
        return True

    def _repeats(self, entry: Entry) -> bool:
        """Whether it was decided before, and this is a late append.

        A start is fixed once for what was asked, a request is answered once, and so
        is a commit. But a model on the output branch counts, whatever was written.
        """
        if entry.start is not None:
            start = self._ledger.start
            return start is not None and start.is_for(entry.start)
        if entry.decision is Decision.PUBLISHED:
            return False
        if entry.request:
            return entry.request in self._sets["requests"]
        return entry.commit in self._sets["decided"]

    def _take(self, entry: Entry) -> None:
        if entry.start is not None:
            self._sets["settled"].clear()
            self._ledger = replace(self._ledger, start=entry.start)
        if entry.decision is Decision.STARTED:
            self._settle(entry)
            return
        self._recent = [*self._recent, entry][-_RECENT:]
        ran = entry.decision is not Decision.SKIPPED
        if ran or not entry.request:
            self._sets["decided"].add(entry.commit)
        if ran:
            self._sets["tried"].add((entry.commit, entry.spec))
        if entry.request:
            self._sets["requests"].add(entry.request)
        else:
            self._settle(entry)
        self._ledger = _after(self._ledger, entry)

    def _settle(self, entry: Entry) -> None:
        if entry.commit:
            self._sets["settled"].add(entry.commit)


_SETS = (
    *("decided", "settled", "runs", "requests", "tried"),
    *("promoted", "withheld", "answered"),
)


def _after(ledger: Ledger, entry: Entry) -> Ledger:
    """What is known of the newest decisions, once there is one more."""
    ran = entry.decision is not Decision.SKIPPED
    published = entry.decision is Decision.PUBLISHED
    by_hand = bool(entry.request) and not is_own_request(entry.request)
    superseded = ledger.superseded + (entry.reason == SUPERSEDED)
    return replace(
        ledger,
        published=entry if published else ledger.published,
        newest=entry if ran and not by_hand else ledger.newest,
        last_request=entry.request if by_hand else ledger.last_request,
        superseded=0 if ran else superseded,
        streak=ledger.streak.after(entry),
    )

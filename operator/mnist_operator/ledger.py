"""The ledger: one line for every decision about every commit, append-only.

It lives as one file on a branch of its own in the run repo. It is an index: the
truth is in the output commits and in the closed attempts, from which a missing
line is written again. Reading it costs one call, walking history 10 ms a commit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    is_release,
    read_line,
    release_request,
)
from mnist_operator.ledger_terms import Bound, Streak

__all__ = ["LEDGER_FILE", "Bound", "Ledger", "Streak", "counting"]

LEDGER_FILE = "/ledger.jsonl"
_MOVES = 100
"""Promotions kept whole in memory: so far back a rollback finds its way by itself."""
_RECENT = 10
"""Entries kept whole in memory, and shown in status."""


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
    streak: Streak = field(default_factory=Streak)
    held: Mapping[str, Entry] = field(default_factory=dict)
    """By commit, the line that says why: what spec.dataGate keeps out of the queue."""
    released: Mapping[str, Entry] = field(default_factory=dict)
    """The same for those that were held, and are to be trained."""
    warned: frozenset[str] = field(default=frozenset(), repr=False)
    """Commits that spec.dataGate has warned of."""
    warning: Entry | None = None
    """The newest of these lines."""
    moves: tuple[Entry, ...] = ()
    """The last moves of the production branch, newest first."""
    promoted: frozenset[str] = field(default=frozenset(), repr=False)
    """Models that have been in production."""
    withheld: frozenset[str] = field(default=frozenset(), repr=False)
    """Models that the gate did not let pass."""
    answered: frozenset[str] = field(default=frozenset(), repr=False)
    """Requests to move the production branch that have been answered."""
    last_answer: Entry | None = None

    def is_open(self, commit: str) -> bool:
        """Whether nothing was said of a commit: it may be in the queue."""
        told = (self.decided, self.held, self.released)
        return not any(commit in each for each in told)

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
        taken = self.is_open(commit.id)
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
        self._held, self._released = dict(ledger.held), dict(ledger.released)

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
        sets |= {"held": self._held, "released": self._released}
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
        if entry.decision in _OF_THE_GATE:
            return self._repeats_gate(entry)
        if entry.request:
            return entry.request in self._sets["requests"]
        return entry.commit in self._sets["decided"]

    def _repeats_gate(self, entry: Entry) -> bool:
        """A hold is for what is open, a release for what is held, a warning is one."""
        commit = entry.commit
        if entry.decision is Decision.RELEASED:
            return commit not in self._held
        if entry.decision is Decision.WARNED:
            return commit in self._sets["warned"]
        known = (self._sets["decided"], self._held, self._released)
        return any(commit in each for each in known)

    def _take(self, entry: Entry) -> None:
        if entry.decision in _OF_THE_GATE:
            self._take_gate(entry)
            return
        if entry.start is not None:
            self._sets["settled"].clear()
            self._begin_gate(entry.start)
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
        self._end_gate(entry, ran=ran)
        self._ledger = _after(self._ledger, entry)

    def _take_gate(self, entry: Entry) -> None:
        """It ends nothing; but below what is held in its turn nothing is open."""
        commit = entry.commit
        if entry.decision is Decision.WARNED:
            self._sets["warned"].add(commit)
            self._ledger = replace(self._ledger, warning=entry)
        elif entry.decision is Decision.HELD:
            self._held[commit] = entry
            self._recent = [*self._recent, entry][-_RECENT:]
            self._settle(entry)
        else:
            self._released[commit] = entry
            del self._held[commit]

    def _end_gate(self, entry: Entry, *, ran: bool) -> None:
        """Its end is that of a hold as well, whatever asked for the run."""
        commit = entry.commit
        if entry.request == release_request(commit):
            self._sets["decided"].add(commit)
        elif entry.request and not ran:
            return
        self._held.pop(commit, None)
        self._released.pop(commit, None)

    def _begin_gate(self, start: Start) -> None:
        """Nobody waits for the commits of a branch that is followed no longer."""
        before = self._ledger.start
        if before is not None and before.source != start.source:
            self._held, self._released = {}, {}

    def _settle(self, entry: Entry) -> None:
        if entry.commit and not entry.aside:
            self._sets["settled"].add(entry.commit)


_SETS = (
    *("decided", "settled", "runs", "requests", "tried", "warned"),
    *("promoted", "withheld", "answered"),
)
_OF_THE_GATE = frozenset({Decision.HELD, Decision.RELEASED, Decision.WARNED})


def _after(ledger: Ledger, entry: Entry) -> Ledger:
    """What is known of the newest decisions, once there is one more."""
    ran = entry.decision is not Decision.SKIPPED
    published = entry.decision is Decision.PUBLISHED
    by_hand = bool(entry.request) and not is_own_request(entry.request)
    asked = by_hand and not is_release(entry.request)
    superseded = ledger.superseded + (entry.reason == SUPERSEDED)
    return replace(
        ledger,
        published=entry if published else ledger.published,
        newest=entry if ran and not by_hand else ledger.newest,
        last_request=entry.request if asked else ledger.last_request,
        superseded=0 if ran else superseded,
        streak=ledger.streak.after(entry),
    )

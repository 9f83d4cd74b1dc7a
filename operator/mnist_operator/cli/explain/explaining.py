"""The answer to "why was this commit trained, or why not?", commit by commit. Pure.

What was decided is in the ledger; a commit above the newest decided one waits, or
is under way. The shape is documented in docs/mnistctl/explain.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mnist_operator.cli.history.histories import Decisions, start_json
from mnist_operator.commits import Branch, Commit, CommitState
from mnist_operator.decisions import (
    DISCARDED,
    SUPERSEDED,
    UNCHANGED,
    Decision,
    Entry,
    is_own_request,
    is_release,
)
from mnist_operator.ledger import Ledger
from mnist_operator.runs import Attempt, Verdict
from mnist_operator.status import timestamp

__all__ = [
    "Outcome",
    "Queue",
    "build_overview",
    "decided_item",
    "decision_outcome",
    "newest_attempt",
    "tell_held",
    "tell_request",
    "tell_under_way",
    "tell_waiting",
    "undecided_outcome",
]


class Outcome(StrEnum):
    """What became of a commit, in one word."""

    TRAINED = "trained"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    """A newer commit took its place."""
    FILTERED = "filtered"
    """Its content, or the part of it that counts, had been trained on."""
    HELD = "held"
    """spec.dataGate keeps it back, until somebody releases or discards it."""
    RELEASED = "released"
    WARNED = "warned"
    """spec.dataGate found too much changed, and lets it be trained."""
    DISCARDED = "discarded"
    """It was held, and somebody does not want it."""
    SKIPPED = "skipped"
    """It could not be trained, or its time was over."""
    WAITING = "waiting"
    RUNNING = "running"
    RETRYING = "retrying"
    """An attempt failed, and nothing is decided."""
    PUBLISHING = "publishing"
    """An attempt went well, and nothing is decided."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What of the input branch is not decided."""

    branch: Branch
    commits: Sequence[Commit] = ()
    """Oldest first."""
    attempts: Sequence[Attempt] = ()
    """The newest one of every slot."""
    notes: tuple[str, ...] = ()
    turn: str = ""
    """What the oldest one waits for; empty where nobody knows."""

    def place_of(self, commit: str) -> int | None:
        """How many wait before it; None where it does not wait."""
        ids = [each.id for each in self.commits]
        return ids.index(commit) if commit in ids else None


def decision_outcome(entry: Entry) -> Outcome:
    """The word for a decision."""
    if entry.decision is Decision.PUBLISHED:
        return Outcome.TRAINED
    if entry.decision is Decision.FAILED:
        return Outcome.FAILED
    if entry.decision in _OF_THE_GATE:
        return _OF_THE_GATE[entry.decision]
    if entry.reason in _SKIPS:
        return _SKIPS[entry.reason]
    return Outcome.FILTERED if entry.reason in UNCHANGED else Outcome.SKIPPED


_OF_THE_GATE: Mapping[Decision, Outcome] = {
    Decision.HELD: Outcome.HELD,
    Decision.RELEASED: Outcome.RELEASED,
    Decision.WARNED: Outcome.WARNED,
}
_SKIPS: Mapping[str, Outcome] = {
    SUPERSEDED: Outcome.SUPERSEDED,
    DISCARDED: Outcome.DISCARDED,
}


def undecided_outcome(commit: str, attempts: Iterable[Attempt]) -> Outcome:
    """The word for a commit that is not decided, by the newest attempt on it."""
    newest = newest_attempt(commit, attempts)
    if newest is None:
        return Outcome.WAITING
    if newest.outcome is None:
        return Outcome.RUNNING
    if newest.outcome.verdict is Verdict.SUCCEEDED:
        return Outcome.PUBLISHING
    failed = newest.outcome.verdict is Verdict.FAILED
    return Outcome.RETRYING if failed else Outcome.WAITING


def newest_attempt(commit: str, attempts: Iterable[Attempt]) -> Attempt | None:
    """The attempt on a commit that was opened last."""
    own = [each for each in attempts if each.commit == commit]
    return max(own, key=lambda each: each.opened, default=None)


def build_overview(
    training: str, decisions: Decisions, queue: Queue, *, limit: int
) -> dict[str, Any]:
    """Every commit, newest first: those that wait, then those that are decided."""
    waiting = [
        _waiting_item(commit, place, queue)
        for place, commit in enumerate(queue.commits)
    ]
    items = [*reversed(waiting), *_decided_items(decisions, queue)]
    return {
        "kind": "mnistctl/explain",
        "version": 1,
        "training": training,
        "branch": str(queue.branch),
        "start": start_json(decisions.start),
        "total": len(items),
        "commits": items[:limit],
        "notes": [*queue.notes, *tell_held(training, decisions)],
    }


def _decided_items(decisions: Decisions, queue: Queue) -> Iterator[dict[str, Any]]:
    """What was decided, newest first, and whether it is being trained once more."""
    again = {each.commit: each for each in queue.attempts if each.outcome is None}
    for entry in reversed(decisions.entries):
        item, attempt = decided_item(entry), again.pop(entry.commit, None)
        told = [*([tell_under_way(attempt)] if attempt else []), item["why"]]
        yield item | {"why": "; ".join(told)}


def tell_under_way(attempt: Attempt) -> str:
    """That a commit has a run once more, though it was decided."""
    since = timestamp(attempt.opened)
    return f"being trained now, attempt {attempt.number} since {since}"


def tell_held(training: str, decisions: Decisions, commit: str = "") -> list[str]:
    """What is to be done about the commits that are held; or about one of them."""
    held = Ledger().extended(decisions.entries).held
    return [
        f"input commit {each} is held: mnistctl release {training} {each} lets it be"
        " trained, and with --discard it never is"
        for each in held
        if commit in {"", each}
    ]


def decided_item(entry: Entry) -> dict[str, Any]:
    """One decision, and why it was made."""
    return {
        "inputCommit": entry.commit,
        "time": timestamp(entry.time),
        "outcome": decision_outcome(entry).value,
        "reason": entry.reason or None,
        "why": _why(entry),
        "specSha256": entry.spec or None,
        "attempt": entry.attempt or None,
        "run": entry.run or None,
        "tfjob": entry.tfjob or None,
        "modelCommit": entry.output or None,
        "accuracy": entry.accuracy or None,
        "request": entry.request or None,
        "waitsBehind": None,
    }


def _why(entry: Entry) -> str:
    asked = tell_request(entry.request)
    if entry.decision is Decision.PUBLISHED:
        accuracy = f", accuracy {entry.accuracy}" if entry.accuracy else ""
        made = f"attempt {entry.attempt} made model {entry.output}"
        return f"{made}{accuracy}{asked}"
    told = ": ".join(filter(None, (entry.reason, entry.message)))
    if entry.decision is Decision.FAILED and entry.attempt:
        return f"attempt {entry.attempt}{asked}: {told}"
    return told or "no reason is written down"


def tell_request(request: str) -> str:
    """What asked for a run beside the commit itself, to be put behind a phrase."""
    if not request:
        return ""
    if is_release(request):
        return ", as it was released"
    own = is_own_request(request)
    return ", for the spec had changed" if own else f", as {request} asked"


def _waiting_item(commit: Commit, place: int, queue: Queue) -> dict[str, Any]:
    newest = newest_attempt(commit.id, queue.attempts)
    told = newest.staging if newest else None
    return {
        "inputCommit": commit.id,
        "time": timestamp(commit.finished or commit.started),
        "outcome": undecided_outcome(commit.id, queue.attempts).value,
        "reason": None,
        "why": tell_waiting(commit, place, newest, queue),
        "specSha256": newest.digest if newest else None,
        "attempt": newest.number if newest else None,
        "run": told,
        "tfjob": None,
        "modelCommit": None,
        "accuracy": None,
        "request": (newest.request if newest else "") or None,
        "waitsBehind": place,
    }


def tell_waiting(
    commit: Commit, place: int, newest: Attempt | None, queue: Queue
) -> str:
    """What a commit that is not decided waits for, as far as Pachyderm knows."""
    if newest is not None and newest.outcome is None:
        return f"attempt {newest.number} runs since {timestamp(newest.opened)}"
    told = [_TOLD_STATES[commit.state]] if commit.state in _TOLD_STATES else []
    if newest is not None and newest.outcome is not None:
        end = newest.outcome
        reason = ": ".join(filter(None, (end.reason, end.message)))
        told.append(f"attempt {newest.number}: {end.verdict.value} {reason}".rstrip())
    if place:
        before = "1 older commit" if place == 1 else f"{place} older commits"
        told.append(f"behind {before}, the oldest is {queue.commits[0].id}")
    # Whether it is next, Pachyderm does not know: the spec may hold it back.
    return "; ".join(told) or queue.turn or "waits; nothing in Pachyderm is before it"


_TOLD_STATES: Mapping[CommitState, str] = {
    CommitState.OPEN: "it is still being written",
    CommitState.FINISHING: "it is being finished",
    CommitState.ERRORED: "finished with an error: it will be skipped in its turn",
}

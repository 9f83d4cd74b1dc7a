"""Everything about one input commit, in the order in which it happened. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mnist_operator.cli.explain.explaining import (
    Queue,
    decided_item,
    newest_attempt,
    tell_held,
    tell_under_way,
    tell_waiting,
    undecided_outcome,
)
from mnist_operator.cli.history.histories import Decisions, start_json
from mnist_operator.cli.runs.attempts import build_run
from mnist_operator.commits import Branch, Commit
from mnist_operator.decisions import ENDS, Decision, Entry, Start
from mnist_operator.runs import Attempt
from mnist_operator.status import timestamp

__all__ = ["Asked", "build_story", "explain_unknown"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One commit, and what was found of it."""

    id: str
    commit: Commit | None
    """As the input repo has it; None where it is gone, or cannot be read."""
    attempts: Sequence[Attempt] = ()
    """Every attempt on it, oldest first."""
    requests: Mapping[str, Any] | None = None
    """attempt.json of those, by their staging commits."""


def build_story(
    training: str, decisions: Decisions, queue: Queue, asked: Asked
) -> dict[str, Any]:
    """What was tried and decided about a commit, and what came after."""
    own = [entry for entry in decisions.entries if entry.commit == asked.id]
    ends = {entry.run: entry for entry in own if entry.run}
    requests, ended = asked.requests or {}, _find_end(own)
    place = queue.place_of(asked.id)
    return {
        "kind": "mnistctl/explain-commit",
        "version": 1,
        "training": training,
        "branch": str(queue.branch),
        "start": start_json(decisions.start),
        "inputCommit": asked.id,
        "commit": _commit(asked.commit),
        "outcome": _outcome(ended, asked),
        "waitsBehind": None if ended else place,
        "waits": _tell_under_way(asked) if ended else _waits(asked, queue, place),
        "attempts": [
            build_run(each, ends.get(each.staging), requests.get(each.staging))
            for each in asked.attempts
        ],
        "decisions": [decided_item(each) for each in own],
        "production": [_move(each) for each in _find_moves(own, decisions)],
        "models": [_model(each, decisions) for each in own if _is_model(each)],
        "nextModel": _next_model(ended, decisions),
        "notes": [*queue.notes, *tell_held(training, decisions, asked.id)],
    }


def _commit(commit: Commit | None) -> dict[str, Any] | None:
    if commit is None:
        return None
    return {
        "repo": str(commit.repo),
        "parent": commit.parent,
        "description": commit.description or None,
        "started": timestamp(commit.started),
        "finished": timestamp(commit.finished) if commit.finished else None,
        "state": commit.state.value,
        "error": commit.error or None,
    }


def _outcome(own: Sequence[Entry], asked: Asked) -> str:
    """The last word about it; a model is not taken back by what came after."""
    made = [entry for entry in own if _is_model(entry)]
    if own:
        return str(decided_item((made or own)[-1])["outcome"])
    return undecided_outcome(asked.id, asked.attempts).value


def _waits(asked: Asked, queue: Queue, place: int | None) -> str | None:
    if place is None:
        return None
    newest = newest_attempt(asked.id, asked.attempts)
    return tell_waiting(queue.commits[place], place, newest, queue)


def _tell_under_way(asked: Asked) -> str | None:
    newest = newest_attempt(asked.id, asked.attempts)
    return tell_under_way(newest) if newest and newest.outcome is None else None


def _find_end(own: Sequence[Entry]) -> Sequence[Entry]:
    """What was decided about it in the end; or that it is held, if it still is.

    Else a run that may be under way says more.
    """
    ends = [e for e in own if e.decision in ENDS]
    holds = [e for e in own if e.decision is Decision.HELD]
    is_released = any(e.decision is Decision.RELEASED for e in own)
    return ends or ([] if is_released else holds)


def _is_model(entry: Entry) -> bool:
    return entry.decision is Decision.PUBLISHED


def _model(entry: Entry, decisions: Decisions) -> dict[str, Any]:
    """A model of the commit, and the one that took its place."""
    models = [each for each in decisions.entries if _is_model(each)]
    after = models[models.index(entry) + 1 :]
    return {
        "modelCommit": entry.output,
        "accuracy": entry.accuracy or None,
        "published": timestamp(entry.time),
        "replacedBy": _brief(after[0]) if after else None,
    }


def _next_model(own: Sequence[Entry], decisions: Decisions) -> dict[str, Any] | None:
    """Of a commit without a model: the first one that was published afterwards."""
    if not own or any(map(_is_model, own)):
        return None
    after = decisions.entries[decisions.entries.index(own[-1]) :]
    return next((_brief(each) for each in after if _is_model(each)), None)


def _find_moves(own: Sequence[Entry], decisions: Decisions) -> Iterator[Entry]:
    """What was decided about production and the models of the commit."""
    models = {entry.output for entry in own if _is_model(entry)}
    for each in decisions.moves:
        if {each.output, each.previous} & models:
            yield each


def _move(entry: Entry) -> dict[str, Any]:
    return {
        "time": timestamp(entry.time),
        "decision": entry.decision.value,
        "reason": entry.reason,
        "message": entry.message,
        "modelCommit": entry.output,
        "previousModelCommit": entry.previous or None,
        "request": entry.request or None,
    }


def _brief(entry: Entry) -> dict[str, Any]:
    return {
        "modelCommit": entry.output,
        "inputCommit": entry.commit,
        "published": timestamp(entry.time),
    }


def explain_unknown(
    commit: Commit, start: Start | None, branch: Branch, *, on_branch: bool
) -> str:
    """Why nothing is known of a commit that is in the input repo."""
    name = f"nothing is known of input commit {commit}"
    if start is None:
        return f"{name}: no operator has begun to follow {branch}"
    began = f"{start.asked}, commit {start.commit}" if start.commit else start.asked
    retrain = f"startFrom {began}; mnistctl retrain --commit trains it"
    if start.after is not None and commit.started < start.after:
        return f"{name}: it is older than where following {branch} began ({retrain})"
    if not on_branch:
        return (
            f"{name}: it is not on {branch}, which is followed, but on another branch,"
            " or the branch was moved away from it"
        )
    if commit.id == start.commit and not start.inclusive:
        return f"{name}: following {branch} began after it ({retrain})"
    return (
        f"{name}: commits above it on {branch} are decided, so its turn is over; if"
        " its line was lost, mnistctl ledger rebuild finds what is left of it"
    )

"""What happened between two looks at a MnistTraining's status, as lines. Pure.

The status is plain JSON, perhaps of an older or newer operator: a field that is
missing says nothing.
"""

from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Any

from mnist_operator.cli.statements import dig
from mnist_operator.decisions import Decision
from mnist_operator.status import Reason

__all__ = [
    "Event",
    "Verdict",
    "beginning",
    "end_line",
    "find_condition",
    "happened",
    "remember",
    "run_key",
    "run_line",
    "subject",
    "tell",
    "verdict",
]

Status = Mapping[str, Any]
Event = tuple[str, str]
"""What happened in one word, and the rest."""

_WIDTH = 16
_SHOWN = 10
"""Decisions in a status: when all of them are new, there may have been more."""
_REMEMBERED = 1000
_RUNS_TELL = {Reason.STARTING, Reason.TRAINING, Reason.PUBLISHING}
"""Reasons that say no more than the line about the run itself."""
_WORDS = {"Created": Reason.STARTING.value, "Suspended": Reason.QUEUED.value}
"""A TFJob's phases, as the conditions call them."""


class Verdict(IntEnum):
    """How waiting for Ready ends; the number is the exit status."""

    READY = 0
    STALLED = 1
    FAILED = 5


def beginning(status: Status) -> list[Event]:
    """How things stand when one begins to look: no decision is news then."""
    return happened({}, {**status, "history": []})


def happened(before: Status, after: Status) -> list[Event]:
    """Each thing that happened, what was decided first."""
    decided = [*_decisions(before, after)]
    counted = [*_pending(before, after), *_requests(before, after)]
    runs = [*_runs(before, after)]
    said = [*_condition(before, after, brief=bool(decided))]
    words = {word for word, _ in said}
    needless = bool(runs) and not words.isdisjoint(_RUNS_TELL)
    if needless or (_is_reworded(before, after) and (decided or counted or runs)):
        said = []
    elif len(runs) == 1:
        # A condition says more of a retry than the run itself: why, and when.
        runs = [each for each in runs if each[0] not in words]
    return [*decided, *counted, *runs, *said]


def remember(before: Status, after: Status) -> dict[str, Any]:
    """The status after, with the decisions of before that have left its history.

    Whoever compares with that tells no decision twice, also when a status was lost
    and comes back from the ledger.
    """
    shown = {_decision_key(each) for each in _items(after, "history")}
    left = [e for e in _items(before, "history") if _decision_key(e) not in shown]
    history = [*_items(after, "history"), *left][:_REMEMBERED]
    return {**after, "history": history}


def verdict(body: Mapping[str, Any]) -> Verdict | None:
    """What a MnistTraining has come to; None while that is open.

    Conditions about an older spec say nothing about this one.
    """
    status = dig(body, "status") or {}
    generation = dig(body, "metadata", "generation") or 0
    if (status.get("observedGeneration") or 0) < generation:
        return None
    ready, stalled = (find_condition(status, kind) for kind in ("Ready", "Stalled"))
    is_stalled = stalled.get("status") == "True"
    if is_stalled and stalled.get("reason") != Reason.STOPPED_AFTER_FAILURES:
        return Verdict.STALLED
    if ready.get("status") == "True":
        return Verdict.READY
    working = find_condition(status, "Reconciling").get("status") == "True"
    failed = _newest(status).get("decision") == Decision.FAILED
    if failed and not working and ready.get("status") == "False":
        return Verdict.FAILED
    return None


def _newest(status: Status) -> Mapping[str, Any]:
    """The newest decision about a commit; a request that was refused is about none."""
    for each in _items(status, "history"):
        if each.get("decision") != Decision.SKIPPED or not each.get("request"):
            return each
    return {}


def find_condition(status: Status, kind: str) -> Mapping[str, Any]:
    """One condition; empty while there is none."""
    found = (each for each in _items(status, "conditions") if each.get("type") == kind)
    return next(found, {})


def _decisions(before: Status, after: Status) -> Iterator[Event]:
    known = {_decision_key(each) for each in _items(before, "history")}
    history = _items(after, "history")
    fresh = [each for each in history if _decision_key(each) not in known]
    if known and len(fresh) == len(history) >= _SHOWN:
        yield "More", "was decided than is told here: mnistctl history"
    for each in reversed(fresh):
        yield str(each.get("decision", "?")), _tell_decision(each)


def _decision_key(decision: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(
        decision.get(key) or "" for key in ("commit", "decision", "time", "request")
    )


def _tell_decision(decision: Mapping[str, Any]) -> str:
    about = subject(decision)
    if decision.get("decision") == Decision.PUBLISHED:
        accuracy = decision.get("accuracy")
        model = f"model {decision.get('modelCommit')}"
        return ", ".join([about, model, *([f"accuracy {accuracy}"] * bool(accuracy))])
    words = (about, decision.get("reason"), decision.get("message"))
    return ": ".join(str(each) for each in words if each)


def subject(each: Mapping[str, Any]) -> str:
    """Which run, or which commit, something is about."""
    attempt = f" attempt {each['attempt']}" if each.get("attempt") else ""
    request = f" (requested: {each['request']})" if each.get("request") else ""
    return f"{each.get('commit') or 'no commit'}{attempt}{request}"


def _runs(before: Status, after: Status) -> Iterator[Event]:
    known = {run_key(each): each.get("state") for each in _items(before, "active")}
    for each in _items(after, "active"):
        state = str(each.get("state", "?"))
        if known.get(run_key(each)) != state:
            yield _run(each)


def run_line(run: Mapping[str, Any]) -> str:
    """What a run is doing, for whoever asked for it and follows no other."""
    return tell(*_run({**run, "request": None}))


def _run(run: Mapping[str, Any]) -> Event:
    state = str(run.get("state", "?"))
    job = f", TFJob {run['tfjob']}" if run.get("tfjob") else ""
    return _WORDS.get(state, state), f"{subject(run)}{job}"


def end_line(decision: Mapping[str, Any]) -> str:
    """What was decided, for the same."""
    told = _tell_decision({**decision, "request": None})
    return tell(str(decision.get("decision", "?")), told)


def run_key(run: Mapping[str, Any]) -> Any:
    """What tells one run from another."""
    return run.get("run") or (run.get("commit"), run.get("attempt"))


def _condition(before: Status, after: Status, *, brief: bool) -> Iterator[Event]:
    ready = find_condition(after, "Ready")
    old, new = _story(before), _story(after)
    if not ready or old == new:
        return
    reason, message = str(ready.get("reason", "")), ready.get("message")
    stalled = ", stalled" if new[2] == "True" else ""
    told = brief and reason == Reason.TRAINING_FAILED
    more = f": {message}" if message and not told else ""
    yield reason, f"Ready {ready.get('status')}{stalled}{more}"


def _is_reworded(before: Status, after: Status) -> bool:
    """Whether the conditions are the same in other words."""
    return _story(before)[:-1] == _story(after)[:-1]


def _story(status: Status) -> tuple[Any, ...]:
    ready, stalled = (find_condition(status, kind) for kind in ("Ready", "Stalled"))
    return (
        ready.get("reason"),
        ready.get("status"),
        stalled.get("status"),
        ready.get("message"),
    )


def _pending(before: Status, after: Status) -> Iterator[Event]:
    count = after.get("pendingCommits") or 0
    if count != (before.get("pendingCommits") or 0):
        yield "Pending", "1 commit" if count == 1 else f"{count} commits"


def _requests(before: Status, after: Status) -> Iterator[Event]:
    handled = after.get("lastHandledRequestAt")
    # What was handled before one began to look is no news.
    if handled and before and handled != before.get("lastHandledRequestAt"):
        yield "Handled", f"the request {handled}"


def tell(word: str, text: str) -> str:
    """One line, also where a message has several, or would move the cursor."""
    line = f"{word.ljust(_WIDTH - 2)}  {text}"
    return "".join(each if each.isprintable() else " " for each in line)


def _items(status: Status, key: str) -> list[Mapping[str, Any]]:
    found = status.get(key)
    return found if isinstance(found, list) else []

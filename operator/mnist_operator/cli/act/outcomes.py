"""What became of a request for a run, read off the MnistTraining's status. Pure.

The status is plain JSON, perhaps of an older or newer operator: a field that is
missing says nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mnist_operator.cli.failures import ExitStatus
from mnist_operator.cli.get import happenings
from mnist_operator.cli.get.happenings import end_line, find_condition, run_line
from mnist_operator.cli.statements import dig, key_of
from mnist_operator.decisions import Decision
from mnist_operator.resource import REQUESTED_AT

__all__ = ["End", "known_commits", "progress", "tell_waiting", "why_it_ended"]

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class End:
    """How the waiting for a request ended."""

    status: ExitStatus
    line: str


def progress(body: Body, request: str) -> str:
    """What its run is doing now; empty while there is none."""
    run = _find(body, "active", request)
    return "" if run is None else run_line(run)


def why_it_ended(body: Body, request: str) -> End | None:
    """What the request came to; None while that is open."""
    decided = _find(body, "history", request)
    if decided is not None:
        return _decided(decided)
    if _find(body, "active", request) is not None:
        return None
    if dig(body, "status", "lastHandledRequestAt") == request:
        line = (
            "it was answered, but so many decisions were made since that the status"
            f" does not show it any more: mnistctl history {key_of(body)}"
        )
        return End(ExitStatus.NO_ANSWER, line)
    asked = (dig(body, "metadata", "annotations") or {}).get(REQUESTED_AT)
    if asked != request:
        line = (
            "it was not taken up: before the operator saw it, another one took its"
            f" place ({REQUESTED_AT} is {asked or 'gone'})"
        )
        return End(ExitStatus.NO_ANSWER, line)
    if happenings.verdict(body) is happenings.Verdict.STALLED:
        return End(ExitStatus.NO_ANSWER, _stalled(body))
    return None


def _decided(item: Mapping[str, Any]) -> End:
    why = ": ".join(filter(None, (item.get("reason"), item.get("message"))))
    match item.get("decision"):
        case Decision.PUBLISHED:
            return End(ExitStatus.DONE, end_line(item))
        case Decision.FAILED:
            about = f"the run on {item.get('commit')} failed"
            line = f"{about} in attempt {item.get('attempt')}: {why}"
            return End(ExitStatus.RUN_FAILED, line)
        case _:
            return End(ExitStatus.NO_ANSWER, f"no run was started: {why}")


def _stalled(body: Body) -> str:
    said = find_condition(dig(body, "status") or {}, "Stalled")
    return (
        f"no run will be started until somebody acts: {said.get('reason')}:"
        f" {said.get('message')}"
    )


def tell_waiting(body: Body) -> str:
    """How many commits wait and what runs, as of the operator's last look."""
    status = dig(body, "status") or {}
    runs = [each for each in status.get("active") or () if isinstance(each, dict)]
    own = {each.get("commit") for each in runs if not each.get("request")}
    waiting = max(int(status.get("pendingCommits") or 0) - len(own), 0)
    count = "1 commit waits" if waiting == 1 else f"{waiting} commits wait"
    names = ", ".join(str(each.get("tfjob") or each.get("run")) for each in runs)
    return f"{count}; under way: {names}" if runs else count


def known_commits(body: Body) -> Iterator[str]:
    """The input commits that the status names, each once."""
    status = dig(body, "status") or {}
    items = [*_items(status, "queue"), *_items(status, "active")]
    named = [each.get("commit") for each in [*items, *_items(status, "history")]]
    heads = [status.get("head"), status.get("lastTrainedCommit")]
    yield from dict.fromkeys(str(each) for each in [*heads, *named] if each)


def _find(body: Body, field: str, request: str) -> Mapping[str, Any] | None:
    items = _items(dig(body, "status") or {}, field)
    return next((each for each in items if each.get("request") == request), None)


def _items(status: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    return [each for each in status.get(field) or () if isinstance(each, Mapping)]

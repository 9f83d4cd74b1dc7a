"""The answer to "what did every attempt do?", as one object and as a table. Pure.

An attempt is a staging commit; its description says all but what was made of it,
which the ledger says, or the output branch where the ledger misses it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.text import Text

from mnist_operator import places
from mnist_operator.cli import moments, screen
from mnist_operator.cli.models import published
from mnist_operator.cli.pointers import log_options
from mnist_operator.commits import Commit
from mnist_operator.decisions import Entry
from mnist_operator.evidence import is_request
from mnist_operator.lineage import publication_of
from mnist_operator.replicas import roles_of
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt, Verdict, job_name
from mnist_operator.status import timestamp

__all__ = ["Walked", "build_run", "build_runs", "find_unrecorded", "runs_lines"]

_COLUMNS = (
    "TIME",
    "COMMIT",
    "ATTEMPT",
    "STATE",
    "REASON",
    "DURATION",
    "TFJOB",
    "MODEL",
)
_OPEN = "Open"
_STYLES = {
    Verdict.SUCCEEDED.value: "green",
    Verdict.FAILED.value: "red",
    Verdict.ABANDONED.value: "yellow",
}


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk over a training's slots found, newest first."""

    attempts: tuple[Attempt, ...] = ()
    slots: int = 0
    more: bool = False
    """Whether there are older ones."""


def find_unrecorded(attempts: Iterable[Attempt], entries: Iterable[Entry]) -> bool:
    """Whether one went well and the ledger does not say what was made of it."""
    recorded = {entry.run for entry in entries}
    return any(
        each.outcome is not None
        and each.outcome.verdict is Verdict.SUCCEEDED
        and each.staging not in recorded
        for each in attempts
    )


def build_runs(
    training: MnistTraining,
    walked: Walked,
    entries: Iterable[Entry],
    commits: Iterable[Commit] = (),
    *,
    wanted: str = "",
    asked: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything that Pachyderm knows of a training's attempts, newest first.

    What each was asked to do (attempt.json, by its staging commit) may be missing.
    """
    requests = asked or {}
    ends = {entry.run: entry for entry in entries}
    for commit in commits:
        model = published(commit)
        if model is not None and model.training == training.key:
            ends.setdefault(model.run, publication_of(commit, model))
    return {
        "kind": "mnistctl/runs",
        "version": 1,
        "training": training.key,
        "repo": str(places.run_repo(training)),
        "asked": {"commit": wanted or None},
        "slots": walked.slots,
        "more": walked.more,
        "runs": [
            build_run(each, ends.get(each.staging), requests.get(each.staging))
            for each in walked.attempts
        ],
    }


def build_run(
    attempt: Attempt, end: Entry | None = None, asked: Any = None
) -> dict[str, Any]:
    """One attempt, what was decided after it, and what it was asked to do."""
    outcome, closed = attempt.outcome, attempt.closed
    return {
        "opened": timestamp(attempt.opened),
        "closed": timestamp(closed) if closed else None,
        "seconds": round((closed - attempt.opened).total_seconds()) if closed else None,
        "inputCommit": attempt.commit,
        "attempt": attempt.number,
        "state": outcome.verdict.value if outcome else _OPEN,
        "reason": (outcome.reason if outcome else "") or None,
        "message": (outcome.message if outcome else "") or None,
        "exitCode": outcome.exit_code if outcome else None,
        "retryable": outcome.retryable if outcome else None,
        "run": attempt.staging,
        "slot": attempt.slot,
        "request": attempt.request or None,
        "tfjob": _tfjob(attempt),
        "uid": attempt.uid,
        "generation": attempt.generation or None,
        "specSha256": attempt.digest,
        "operator": attempt.operator or None,
        "beginsFrom": attempt.begins_from or None,
        "replicas": _replicas(attempt, asked),
        "facts": {key: value for key, value in attempt.facts.items() if value},
        "decision": _decision(end) if end else None,
        "modelCommit": (end.output if end else "") or None,
        "accuracy": (end.accuracy if end else "") or None,
    }


def _replicas(attempt: Attempt, asked: Any) -> dict[str, int] | None:
    """Its pods by their roles; None where attempt.json cannot tell, or is forged."""
    if not isinstance(asked, Mapping) or not is_request(attempt, asked):
        return None
    return {role.lower(): n for role, n in roles_of(asked["spec"]["trainer"]).items()}


def _tfjob(attempt: Attempt) -> str | None:
    """Its name; None when it was closed before there was any."""
    if attempt.is_open or attempt.facts.get("tfjobUid"):
        return job_name(attempt.training.rpartition("/")[2], attempt.staging)
    return None


def _decision(end: Entry) -> dict[str, Any]:
    return {
        "time": timestamp(end.time),
        "decision": end.decision.value,
        "reason": end.reason or None,
        "message": end.message or None,
    }


def runs_lines(report: Mapping[str, Any], *, now: datetime) -> list[Text]:
    """A line for each attempt; what went wrong stands below it."""
    runs = report["runs"]
    header, *rows = screen.table(_COLUMNS, [_row(each, now) for each in runs])
    lines = [screen.line(header, "bold")]
    for each, row in zip(runs, rows, strict=True):
        lines.append(screen.line(row, _STYLES.get(each["state"], "")))
        why = _why(each)[1]
        if why:
            lines.append(screen.line(f"  {why}", "dim"))
        lines += [screen.line(f"  {told}", "dim") for told in _notes(each)]
    if report["more"]:
        lines.append(screen.line("There are older ones: ask with --limit", "dim"))
    return [*lines, *_log_hint(report["repo"], runs)]


def _notes(run: Mapping[str, Any]) -> Iterator[str]:
    """What most runs do not have: a model to begin from, more pods than one."""
    if run["beginsFrom"]:
        yield f"was offered model {run['beginsFrom']} to begin from"
    replicas = run["replicas"] or {}
    if sum(replicas.values()) > 1:
        told = ", ".join(f"{number} {role}" for role, number in replicas.items())
        yield f"pods: {told}"


def _row(run: Mapping[str, Any], now: datetime) -> tuple[str, ...]:
    seconds = run["seconds"]
    if seconds is None:
        seconds = (now - moments.read_time(run["opened"])).total_seconds()
    return (
        run["opened"],
        run["inputCommit"],
        str(run["attempt"]),
        run["state"],
        _why(run)[0] or "-",
        moments.tell_duration(seconds),
        run["tfjob"] or "-",
        run["modelCommit"] or "-",
    )


def _why(run: Mapping[str, Any]) -> tuple[str, str]:
    """Reason and message: its own, else those of what was decided about it."""
    if run["reason"]:
        return run["reason"], run["message"] or ""
    decision = run["decision"] or {}
    return decision.get("reason") or "", decision.get("message") or ""


def _log_hint(repo: str, runs: Sequence[Mapping[str, Any]]) -> list[Text]:
    """How to see the log of the newest failed one, if its pod lived to write one."""
    failed = Verdict.FAILED.value
    for each in runs:
        if each["state"] == failed and each["facts"].get("pod"):
            command = f"mnistctl logs {each['run']}{log_options(repo)}"
            return [screen.line(f"Log of the newest failed one: {command}", "yellow")]
    return []

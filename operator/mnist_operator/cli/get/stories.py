"""MnistTrainings for people: a line for each, or the whole story of one. Pure.

What is told is plain JSON, perhaps of an older or newer operator: a field that is
missing says nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.text import Text

from mnist_operator.cli import moments, screen
from mnist_operator.cli.get.happenings import find_condition
from mnist_operator.cli.get.remedies import next_step
from mnist_operator.cli.statements import dig
from mnist_operator.cli.watch.progress import describe

__all__ = ["overview_lines", "story_lines"]

Body = Mapping[str, Any]

_COLUMNS = ("READY", "REASON", "INPUT", "MODEL", "ACCURACY", "PENDING", "ACTIVE", "AGE")
_STYLES = {"True": "green", "False": "red"}
_SHORT = 12
"""Digits of an ID in the overview: so many are not shared by two commits."""
_NONE = [screen.line("  none")]


def overview_lines(
    bodies: Sequence[Body], *, everywhere: bool, now: datetime
) -> list[Text]:
    """A table, a line for each MnistTraining."""
    first = ("NAMESPACE", "NAME") if everywhere else ("NAME",)
    rows = [(*_name(each, first), *_row(each, now)) for each in bodies]
    header, *told = screen.table((*first, *_COLUMNS), rows)
    return [
        screen.line(header, "bold"),
        *(
            screen.line(line, _STYLES.get(row[len(first)], ""))
            for line, row in zip(told, rows, strict=True)
        ),
    ]


def _name(body: Body, columns: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(dig(body, "metadata", each.lower())) for each in columns)


def _row(body: Body, now: datetime) -> tuple[str, ...]:
    status = dig(body, "status") or {}
    ready = find_condition(status, "Ready")
    return (
        ready.get("status") or "-",
        ready.get("reason") or "-",
        (status.get("lastTrainedCommit") or "-")[:_SHORT],
        (status.get("lastModelCommit") or "-")[:_SHORT],
        status.get("lastAccuracy") or "-",
        str(status.get("pendingCommits", "-")),
        str(len(status.get("active") or ())),
        _age(dig(body, "metadata", "creationTimestamp"), now),
    )


def _age(since: Any, now: datetime) -> str:
    if not since:
        return "-"
    return moments.tell_duration((now - moments.read_time(since)).total_seconds())


def story_lines(body: Body, *, now: datetime) -> list[Text]:
    """All that its reader may want to know, and what to do next."""
    meta, status = dig(body, "metadata") or {}, dig(body, "status") or {}
    decisions = [_decision(each) for each in status.get("history") or ()]
    step = next_step(body)
    return [
        screen.title(f"MnistTraining {meta.get('namespace')}/{meta.get('name')}"),
        *screen.facts(("deleted", meta.get("deletionTimestamp"))),
        *screen.facts(*_spec(dig(body, "spec") or {})),
        screen.title("Conditions"),
        *_conditions(status),
        screen.title("Commits"),
        *screen.facts(*_commits(status)),
        *_production(dig(status, "promotion") or {}),
        screen.title("Under way"),
        *(_runs(status, now) or _NONE),
        screen.title("Decisions"),
        *(screen.decision_lines(decisions) if decisions else _NONE),
        *([screen.title("Next"), screen.line(f"  {step}", "yellow")] if step else ()),
    ]


def _production(said: Body) -> list[Text]:
    """What is in production, and why the newest model is, or is not."""
    if not said:
        return []
    newest, reason = said.get("candidateCommit"), said.get("reason")
    told = f"{newest}, {reason}: {said.get('message')}" if newest else None
    facts = screen.facts(
        ("shows", said.get("productionCommit") or "no model yet"),
        ("newest", told),
        ("answered", said.get("lastAnswer") or None),
    )
    return [screen.title("Production"), *facts]


def _spec(spec: Body) -> list[tuple[str, Any]]:
    source, output = dig(spec, "input") or {}, dig(spec, "output") or {}
    project, repo = output.get("project", "?"), output.get("repo", "?")
    return [
        ("input", f"{_branch(source)}, {source.get('path', '?')}"),
        ("output", f"{_branch(output)}, {output.get('path', '?')}"),
        ("runs", f"{project}/{output.get('runRepo') or f'{repo}_runs'}"),
        ("trigger", _trigger(dig(spec, "trigger") or {})),
        ("concurrency", _concurrency(spec)),
        ("suspended", "yes: nothing new is started" if spec.get("suspend") else "no"),
    ]


def _branch(place: Body) -> str:
    project, repo, branch = (place.get(k, "?") for k in ("project", "repo", "branch"))
    return f"{project}/{repo}@{branch}"


def _trigger(trigger: Body) -> str:
    paths, least = trigger.get("paths"), trigger.get("minCommits") or 1
    quiet = trigger.get("debounceSeconds")
    return ", ".join(
        filter(
            None,
            [
                f"{trigger.get('mode', '?')} from {trigger.get('startFrom', '?')}",
                f"if it changes {' or '.join(paths)}" if paths else "",
                f"when {least} are there" if least > 1 else "",
                f"after {quiet} quiet seconds" if quiet else "",
            ],
        )
    )


def _concurrency(spec: Body) -> str:
    policy = str(spec.get("concurrencyPolicy") or "Forbid")
    if policy != "Allow":
        return policy
    return f"{policy}, up to {spec.get('maxParallel', '?')} at once"


def _conditions(status: Body) -> list[Text]:
    """Each with its reason and message, unless the one before said the same."""
    lines, said = [], ""
    for each in status.get("conditions") or ():
        told = f"{each.get('status')} since {each.get('lastTransitionTime')}"
        why = f", {each.get('reason')}: {each.get('message')}"
        lines += screen.facts(
            (str(each.get("type")).lower(), f"{told}{why if why != said else ''}")
        )
        said = why
    return lines or screen.facts(("ready", "unknown: no status yet"))


def _commits(status: Body) -> list[tuple[str, Any]]:
    model = status.get("lastModelCommit")
    accuracy = status.get("lastAccuracy")
    queue, held = status.get("queue") or (), status.get("held") or ()
    return [
        ("head", status.get("head") or "none seen"),
        ("model", model or "none yet"),
        ("of input", status.get("lastTrainedCommit")),
        ("accuracy", accuracy),
        ("published", status.get("lastSuccessfulTime")),
        ("pending", status.get("pendingCommits", 0)),
        *(("queue", f"{each.get('commit')} {each.get('state')}") for each in queue),
        *(("held", f"{each.get('commit')} {each.get('message')}") for each in held),
        ("request", status.get("lastHandledRequestAt")),
    ]


def _runs(status: Body, now: datetime) -> list[Text]:
    lines: list[Text] = []
    for each in status.get("active") or ():
        since = each.get("since")
        asked = each.get("request")
        lines += screen.facts(
            ("commit", each.get("commit")),
            ("attempt", each.get("attempt")),
            ("request", asked),
            ("state", each.get("state")),
            ("since", f"{since} ({_age(since, now)})" if since else None),
            ("progress", describe(each)),
            ("tfjob", each.get("tfjob")),
            ("run", each.get("run")),
        )
    return lines


def _decision(item: Body) -> dict[str, Any]:
    """An item of the status as `mnistctl history` names its parts."""
    return {
        "time": item.get("time") or "-",
        "decision": item.get("decision") or "-",
        "reason": item.get("reason"),
        "message": item.get("message"),
        "inputCommit": item.get("commit") or "-",
        "modelCommit": item.get("modelCommit"),
        "accuracy": item.get("accuracy"),
        "attempt": item.get("attempt"),
        "tfjob": item.get("tfjob"),
    }

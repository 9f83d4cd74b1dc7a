"""A plan for people and for programs: JSON, lines, and TFJobs for kubectl. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import yaml
from rich.text import Text

from mnist_operator.cli import screen
from mnist_operator.cli.plan.course import Course
from mnist_operator.cli.plan.jobs import Planned
from mnist_operator.cli.plan.rows import make_rows
from mnist_operator.status import timestamp

__all__ = ["make_report", "manifest_lines", "plan_lines"]

_COLUMNS = ("COMMIT", "DECISION", "WHEN")
_STYLES = {"Train": "green", "UnderWay": "green", "Publish": "green", "Fail": "red"}
_IDS = {
    "staging": "the staging commit that is opened for it",
    "model": "the model that is published before it",
}


def make_report(
    course: Course,
    jobs: Sequence[Planned],
    notes: Sequence[str],
    *,
    now: datetime,
    limit: int,
) -> dict[str, Any]:
    """All of it, as JSON; keys are added, never renamed."""
    training, rows, said = course.begin.training, make_rows(course), course.story
    return {
        "kind": "mnistctl/plan",
        "version": 1,
        "training": training.key,
        "generation": training.generation,
        "time": timestamp(now),
        "afterwards": {"reason": said.reason.value, "message": said.message}
        if course.complete
        else None,
        "commits": [
            {
                "commit": row.commit or None,
                "decision": row.decision,
                "when": row.when or None,
                "reason": row.reason or None,
                "message": row.message or None,
                "request": row.request or None,
            }
            for row in rows[:limit]
        ],
        "more": max(len(rows) - limit, 0),
        "tfjobs": [
            {
                "commit": each.attempt.commit,
                "attempt": each.attempt.number,
                "request": each.attempt.request or None,
                "when": each.when,
                "placeholders": each.placeholders,
                "tfjob": each.body,
            }
            for each in jobs[:limit]
        ],
        "notes": list(notes),
    }


def plan_lines(report: Mapping[str, Any]) -> list[Text]:
    """A table, a line for each commit; a reason stands below its decision."""
    commits = report["commits"]
    notes = [screen.line(f"Note: {each}", "yellow") for each in report["notes"]]
    if not commits:
        return [
            screen.line(f"Nothing to do. {report['afterwards']['message']}"),
            *notes,
        ]
    rows = [(c["commit"] or "-", c["decision"], c["when"] or "-") for c in commits]
    header, *told = screen.table(_COLUMNS, rows)
    lines = [screen.line(header, "bold")]
    for each, row in zip(commits, told, strict=True):
        lines.append(screen.line(row, _STYLES.get(each["decision"], "yellow")))
        why = ": ".join(filter(None, (each["reason"], each["message"])))
        if why:
            lines.append(screen.line(f"  {why}", "dim"))
    return [*lines, *_rest(report), *notes]


def _rest(report: Mapping[str, Any]) -> Iterator[Text]:
    if report["more"]:
        yield screen.line(f"{report['more']} more: ask with --limit", "dim")
    for each in report["tfjobs"]:
        name = each["tfjob"]["metadata"]["name"]
        yield screen.line(f"TFJob for {each['commit']}: {name} (-o yaml shows it)")


def manifest_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """The TFJobs alone, as `kubectl apply` takes them; comments say what is open."""
    if not report["tfjobs"]:
        said = report["afterwards"] or {"message": "ask with --limit"}
        told = " ".join(said["message"].split())
        yield f"# {report['training']}: no TFJob. {told}"
    for each in report["tfjobs"]:
        yield "---"
        about = f"# {report['training']}: input commit {each['commit']}"
        yield f"{about}, attempt {each['attempt']}, {each['when']}."
        for what, digits in each["placeholders"].items():
            yield f"# {digits} stands for the ID of {_IDS[what]}."
        text: str = yaml.safe_dump(each["tfjob"], sort_keys=False, allow_unicode=True)
        yield text.rstrip("\n")

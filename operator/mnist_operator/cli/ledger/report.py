"""What a rebuild of the ledger will change, or has changed. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from mnist_operator.cli import screen
from mnist_operator.cli.ledger.rebuild import Change, Plan
from mnist_operator.commits import Branch
from mnist_operator.ledger import Ledger
from mnist_operator.status import timestamp

__all__ = ["build_rebuild", "find_reopened", "rebuild_lines"]

_COLUMNS = ("CHANGE", "TIME", "DECISION", "INPUT", "MODEL", "WHY")
_STYLES = {"add": "green", "correct": "yellow", "remove": "red"}


def build_rebuild(
    training: str,
    plan: Plan,
    *,
    ledger: Branch,
    before: str | None,
    reopened: int,
) -> dict[str, Any]:
    """The plan; what came of it is added when it was carried out."""
    return {
        "kind": "mnistctl/ledger-rebuild",
        "version": 1,
        "training": training,
        "ledger": str(ledger),
        "before": before,
        "kept": plan.kept,
        "unreadable": plan.unreadable,
        "changes": [_change(each) for each in plan.changes],
        "undecided": [
            {
                "inputCommit": each.commit,
                "attempt": each.number,
                "run": each.staging,
                "state": each.outcome.verdict.value if each.outcome else None,
            }
            for each in plan.undecided
        ],
        "reopened": reopened,
        "needed": plan.is_needed,
        "written": None,
        "appendedAgain": 0,
    }


def _change(change: Change) -> dict[str, Any]:
    entry = change.entry
    return {
        "change": change.kind.value,
        "time": timestamp(entry.time),
        "decision": entry.decision.value,
        "inputCommit": (entry.start.commit if entry.start else entry.commit) or None,
        "modelCommit": entry.output or None,
        "run": entry.run or None,
        "why": change.why,
    }


def find_reopened(before: bytes, plan: Plan) -> int:
    """How many commits count as decided now, and will not any more."""
    decided = (Ledger.parse(each).decided for each in (before, plan.content))
    was, will_be = decided
    return len(was - will_be)


def rebuild_lines(report: Mapping[str, Any]) -> Iterator[Text]:
    """A line for each line that changes, and what to do next."""
    yield screen.title(f"Ledger {report['ledger']}", "of", report["training"])
    yield from screen.facts(
        ("kept", _count(report["kept"], "line")),
        ("unreadable", report["unreadable"] or None),
        ("changes", _count(len(report["changes"]), "line")),
    )
    if report["changes"]:
        rows = [_row(each) for each in report["changes"]]
        header, *told = screen.table(_COLUMNS, rows)
        yield screen.line(header, "bold")
        for each, row in zip(report["changes"], told, strict=True):
            yield screen.line(row, _STYLES[each["change"]])
    for each in report["undecided"]:
        yield screen.line(
            f"Left to the operator: attempt {each['attempt']} on {each['inputCommit']}"
            f" (run {each['run']}), {each['state']}",
            "dim",
        )
    yield from _end(report)


def _row(change: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        change["change"],
        change["time"],
        change["decision"],
        change["inputCommit"] or "-",
        change["modelCommit"] or "-",
        change["why"],
    )


def _end(report: Mapping[str, Any]) -> Iterator[Text]:
    if report["reopened"]:
        count = _count(report["reopened"], "commit")
        yield screen.line(
            f"Note: {count} will not count as decided any more: restart the operator"
            " afterwards, which remembers what it has seen",
            "yellow",
        )
    if report["appendedAgain"]:
        count = _count(report["appendedAgain"], "line")
        yield screen.line(f"{count}, written meanwhile, was added again")
    if report["written"]:
        yield screen.line(f"Written as {report['written']}, after {report['before']}")
    elif report["needed"]:
        yield screen.line("Nothing is written yet: ask again with --yes", "bold")
    else:
        yield screen.line("It is as it should be: nothing is to be written", "green")


def _count(number: int, thing: str) -> str:
    return f"1 {thing}" if number == 1 else f"{number} {thing}s"

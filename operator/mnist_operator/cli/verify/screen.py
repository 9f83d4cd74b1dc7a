"""The answer of mnistctl verify for people: what was checked, and what to do. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.text import Text

from mnist_operator.cli import screen

__all__ = ["item_lines", "summary_lines", "verified_lines"]

_STYLES = {"ok": "green", "failed": "bold red", "unknown": "yellow"}
_SHOWN = {"ok": "ok", "failed": "FAILED", "unknown": "unknown"}
_INDENT = 22
"""Where details begin: behind the name of a check and its result."""


def verified_lines(report: Mapping[str, Any]) -> list[Text]:
    """What an auditor reads of one model."""
    whose = f"of {report['training']}" if report["training"] else ""
    return [
        screen.title(f"Model {report['model']}", whose),
        *(line for check in report["checks"] for line in _check_lines(check)),
        *_obstacle_lines(report),
        *(screen.line(f"Note: {note}", "yellow") for note in report["notes"]),
        _verdict(report),
    ]


def _check_lines(check: Mapping[str, Any]) -> Iterator[Text]:
    head = f"  {check['check']:<11} {_SHOWN[check['result']]:<7}"
    for index, each in enumerate(check["details"]):
        before = head if index == 0 else ""
        yield screen.line(f"{before:<{_INDENT}}{each}", _STYLES[check["result"]])
    if check["remedy"]:
        yield screen.line(f"{'':<{_INDENT}}What to do: {check['remedy']}", "bold")


def _obstacle_lines(report: Mapping[str, Any]) -> Iterator[Text]:
    if report["reproducible"]:
        yield screen.line("Can be made again: mnistctl reproduce")
        return
    yield screen.line("Cannot be made again:", "yellow")
    for each in report["obstacles"]:
        yield screen.line(f"  {each}", "yellow")


def _verdict(report: Mapping[str, Any]) -> Text:
    failed = [each["check"] for each in report["checks"] if each["result"] == "failed"]
    unknown = [c["check"] for c in report["checks"] if c["result"] == "unknown"]
    left = f"; not known: {', '.join(unknown)}" if unknown else ""
    if failed:
        return screen.line(f"FAILED: {', '.join(failed)}{left}", "bold red")
    return screen.line(f"Valid{left}", "bold green")


def item_lines(item: Mapping[str, Any]) -> Iterable[Text]:
    """The same of one model among many: a line, and more where something is wrong."""
    failed = [each for each in item["checks"] if each["result"] == "failed"]
    why = "; ".join(item["obstacles"])
    again = f"  cannot be made again: {why}" if why else ""
    verdict, style = ("FAILED", "bold red") if failed else ("ok", "")
    whose = item["training"] or "-"
    unknown = [each["check"] for each in item["checks"] if each["result"] == "unknown"]
    left = f"  not known: {', '.join(unknown)}" if unknown else ""
    yield screen.line(f"{item['model']}  {verdict:<6}  {whose}{left}{again}", style)
    for each in failed:
        yield from _check_lines(each)


def summary_lines(tail: Mapping[str, Any]) -> Iterator[Text]:
    """The last word about many."""
    summary = tail["summary"]
    failed, models = summary["failed"], summary["models"]
    count = "1 model" if models == 1 else f"{models} models"
    if failed:
        yield screen.line(f"{count}; {failed} FAILED", "bold red")
    else:
        yield screen.line(f"{count}, none failed", "bold green")
    for each, number in summary["obstacles"].items():
        yield screen.line(f"{number} cannot be made again: {each}", "yellow")

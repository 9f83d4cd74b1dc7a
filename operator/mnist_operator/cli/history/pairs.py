"""The answer to "what differs between these two models?", from their records. Pure."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from mnist_operator.cli import screen
from mnist_operator.cli.history.contrasts import compare, is_same_data, take_apart
from mnist_operator.cli.history.histories import change_accuracy
from mnist_operator.cli.history.lines import tell_change
from mnist_operator.cli.models import Found
from mnist_operator.cli.statements import Statement, dig_text
from mnist_operator.resource import Input
from mnist_operator.status import timestamp

__all__ = ["Side", "build_pair", "pair_lines"]

_COLUMNS = ("PART", "KEY", "A", "B")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two models."""

    found: Found
    statement: Statement


def build_pair(training: str, before: Side, after: Side) -> dict[str, Any]:
    """Everything that their records do not have in common."""
    facts = take_apart(before.statement), take_apart(after.statement)
    accuracies = before.found.model.accuracy, after.found.model.accuracy
    return {
        "kind": "mnistctl/history-diff",
        "version": 1,
        "training": training,
        "before": _model(before.found),
        "after": _model(after.found),
        "accuracyChange": change_accuracy(*accuracies),
        "dataEqual": is_same_data(*facts),
        "dataDiff": _tell_command(before, after),
        "differences": [each.to_json() for each in compare(*facts)],
    }


def _tell_command(before: Side, after: Side) -> str:
    """The command that compares what the two learned from."""
    path = dig_text(after.statement.asked, "spec", "input", "path") or _PATH
    option = "" if path.strip("/") == _PATH else f" --path {shlex.quote(path)}"
    return (
        f"mnistctl diff model:{before.found.commit} model:{after.found.commit}{option}"
    )


_PATH = Input().path


def _model(found: Found) -> dict[str, Any]:
    finished = found.commit.finished
    return {
        "modelCommit": found.commit.id,
        "inputCommit": found.model.input_commit,
        "finished": timestamp(finished) if finished else None,
        "accuracy": found.model.accuracy or None,
    }


def pair_lines(report: Mapping[str, Any]) -> list[Text]:
    """The two models, and a line for each fact that is another in the later one."""
    change = report["accuracyChange"]
    rows = [
        (each["part"], each["key"], _text(each["before"]), _text(each["after"]))
        for each in report["differences"]
    ]
    header, *told = screen.table(_COLUMNS, rows)
    return [
        screen.title("Models of", report["training"]),
        *screen.facts(
            ("A", _told(report["before"])),
            ("B", _told(report["after"])),
            ("accuracy", tell_change(change) if change is not None else None),
            ("data", _SAME_DATA[report["dataEqual"]]),
        ),
        screen.line(header, "bold"),
        *map(screen.line, told),
        *_hint(report),
    ]


def _hint(report: Mapping[str, Any]) -> list[Text]:
    """Where the data differ, the command that says how."""
    if report["dataEqual"] is not False:
        return []
    return [screen.line(f"How the data differ: {report['dataDiff']}", "bold")]


_SAME_DATA = {True: "the same files", False: "other files", None: "not known"}


def _told(model: Mapping[str, Any]) -> str:
    accuracy = f", accuracy {model['accuracy']}" if model["accuracy"] else ""
    return f"{model['modelCommit']}, finished {model['finished']}{accuracy}"


def _text(value: Any) -> str:
    if value is None or value == "":
        return "-"
    plain = isinstance(value, str)
    return value if plain else json.dumps(value, ensure_ascii=False)

"""The same answers for people: styled on a terminal, plain lines in a pipe.

Nothing is wrapped or cut, so that an ID can be copied and a line be searched for.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click
import yaml
from rich.console import Console
from rich.text import Text

__all__ = [
    "decision_lines",
    "facts",
    "line",
    "serialize",
    "show",
    "table",
    "tell",
    "title",
]

_LABEL_WIDTH = 12
_COLUMNS = ("TIME", "DECISION", "INPUT", "MODEL", "ACCURACY", "ATTEMPT", "TFJOB")
_STYLES = {"Published": "green", "Failed": "red", "Skipped": "yellow"}


def tell(
    report: Mapping[str, Any],
    kind: str | None,
    lines: Callable[[Mapping[str, Any]], Iterable[Text]],
) -> None:
    """Answer, for programs if they ask for it, else for people."""
    if kind is None:
        show(lines(report))
    else:
        click.echo(serialize(report, kind))


def serialize(report: Mapping[str, Any], kind: str) -> str:
    """The whole object, for programs."""
    if kind == "json":
        return json.dumps(report, indent=2)
    try:
        text: str = yaml.safe_dump(dict(report), sort_keys=False, allow_unicode=True)
    except RecursionError:  # JSON, which nests deeper, is YAML as well.
        return json.dumps(report, indent=2)
    return text.rstrip("\n")


def show(lines: Iterable[Text]) -> None:
    """Write lines to the terminal, or whatever stands in for one."""
    console = Console(soft_wrap=True, highlight=False, emoji=False)
    for each in lines:
        console.print(each)


def decision_lines(decisions: Sequence[Mapping[str, Any]]) -> list[Text]:
    """A table, a line for each decision; a reason stands below its decision."""
    header, *rows = table(_COLUMNS, [_row(each) for each in decisions])
    lines = [line(header, "bold")]
    for each, row in zip(decisions, rows, strict=True):
        lines.append(line(row, _STYLES.get(each["decision"], "")))
        why = ": ".join(filter(None, (each["reason"], each["message"])))
        if why:
            lines.append(line(f"  {why}", "dim"))
    return lines


def _row(decision: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        decision["time"],
        decision["decision"],
        decision["inputCommit"],
        decision["modelCommit"] or "-",
        decision["accuracy"] or "-",
        str(decision["attempt"] or "-"),
        decision["tfjob"] or "-",
    )


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The header and all rows, with their cells below each other."""
    widths = [max(map(len, cells)) for cells in zip(columns, *rows, strict=True)]
    return [_padded(each, widths) for each in (columns, *rows)]


def _padded(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()


def facts(*pairs: tuple[str, Any]) -> list[Text]:
    """A line for each fact that is known."""
    lines = []
    for label, value in pairs:
        if value is not None and value != "":
            each = Text(f"  {label.ljust(_LABEL_WIDTH)}", style="dim")
            lines.append(each.append(_printable(str(value)), style="not dim"))
    return lines


def title(text: str, *rest: str) -> Text:
    """The head of a group of lines."""
    return line(" ".join([text, *rest]), "bold")


def line(text: str, style: str = "") -> Text:
    """One line, whatever others wrote into it."""
    return Text(_printable(text), style=style)


def _printable(text: str) -> str:
    """Without what would move the cursor: others wrote messages and names."""
    return "".join(each if each.isprintable() else " " for each in text)

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
    "history_lines",
    "line",
    "lineage_lines",
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
    text: str = yaml.safe_dump(dict(report), sort_keys=False, allow_unicode=True)
    return text.rstrip("\n")


def show(lines: Iterable[Text]) -> None:
    """Write lines to the terminal, or whatever stands in for one."""
    console = Console(soft_wrap=True, highlight=False, emoji=False)
    for each in lines:
        console.print(each)


def lineage_lines(report: Mapping[str, Any]) -> list[Text]:
    """What an auditor reads, most important first."""
    model, source, run = report["model"], report["input"], report["run"]
    data = [
        _digest(each["path"], "sha256", each["sha256"], each["size"])
        for each in source["files"]
    ]
    return [
        title(f"Model {model['commit']}", "of", report["training"]["name"]),
        *facts(
            ("on", report["asked"]["branch"] or model["repo"]),
            ("as of", report["asked"]["at"]),
            ("finished", model["finished"]),
            ("accuracy", report["accuracy"]),
            ("metrics", _pairs(report["metrics"])),
            ("previous", model["previous"] or "none: the first one"),
        ),
        title("Trained on"),
        *facts(
            ("input", f"{source['repo']}@{source['branch']}={source['commit']}"),
            *(("data", each) for each in data),
            *_beginning(report["warmStart"]),
        ),
        title("With"),
        *facts(*_code(report["code"], report["parameters"])),
        title("By"),
        *facts(
            ("attempt", run["attempt"]),
            ("run", f"{run['repo'] or '?'}@{run['commit']}"),
            ("tfjob", run["tfjob"]),
            ("pod", " on ".join(filter(None, (run["pod"], run["node"])))),
            ("started", run["started"]),
            ("finished", run["finished"]),
            ("spec", _sha256(report["training"]["specSha256"])),
        ),
        title("Files"),
        *facts(*(("file", _file(each)) for each in model["files"])),
        title("Record"),
        *facts(*_record(report["record"])),
        *(line(f"Note: {note}", "yellow") for note in report["notes"]),
    ]


def _beginning(begun: Mapping[str, Any] | None) -> list[tuple[str, Any]]:
    """Where it began, if it was to begin from a model; what to ask for next."""
    if begun is None:
        return []
    if begun["commit"] is None:
        why = f"though it was given {begun['offered']}" if begun["offered"] else ""
        return [("began", f"anew, {why or 'for there was no model yet'}")]
    place = f"{begun['repo']}@{begun['branch']}={begun['commit']}"
    model = _digest(begun["path"], "sha256", begun["sha256"], None)
    return [("began from", place), ("model", model)]


def _code(
    code: Mapping[str, Any], parameters: Mapping[str, Any]
) -> list[tuple[str, Any]]:
    return [
        ("image", code["image"]),
        ("digest", _sha256(code["imageSha256"]) or "unknown"),
        ("git", code["gitCommit"] or "unknown"),
        ("source", code["sourceUrl"] if code["gitCommit"] else None),
        ("operator", code["operator"]),
        ("parameters", _pairs(parameters["effective"]) or "unknown"),
        ("asked", _pairs(parameters["asked"]) or "nothing: the trainer's defaults"),
    ]


def _record(record: Mapping[str, Any]) -> list[tuple[str, Any]]:
    copies = "lineage.json and description"
    if record["metadata"]:
        copies = "lineage.json, description and metadata map"
    verdict = f"{copies} agree" if record["agrees"] else "THE COPIES DISAGREE"
    return [
        ("lineage", _sha256(record["lineageSha256"])),
        ("verdict", verdict),
        *(("", each) for each in record["disagreements"]),
    ]


def history_lines(report: Mapping[str, Any]) -> list[Text]:
    """All decisions, and what is to be said about the rest."""
    lines, decisions = decision_lines(report["decisions"]), report["decisions"]
    if report["total"] > len(decisions):
        more = report["total"] - len(decisions)
        lines.append(line(f"{more} older ones: ask with --limit", "dim"))
    return [*lines, *(line(f"Note: {note}", "yellow") for note in report["notes"])]


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


def _file(file: Mapping[str, Any]) -> str:
    path = file["path"].lstrip("/")
    if path == "lineage.json":
        return f"{path} ({file['size']} bytes), the record itself"
    return _digest(path, "sha256", file["sha256"], file["size"])


def _digest(path: Any, kind: str, value: Any, size: Any) -> str:
    length = f" ({size} bytes)" if size is not None else ""
    return f"{path}{length}, {kind}:{value or 'unknown'}"


def _sha256(value: Any) -> str:
    return f"sha256:{value}" if value else ""


def _pairs(values: Mapping[str, Any] | None) -> str:
    return ", ".join(f"{name}={value}" for name, value in (values or {}).items())


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

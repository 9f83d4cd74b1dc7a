"""The history for people: a line for each decision, and what changed below it. Pure.

Lines are written while the next ones are found, so their columns are as wide as
what can stand in them.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from rich.text import Text

from mnist_operator.cli.history.contrasts import is_told_elsewhere, say_missing
from mnist_operator.cli.screen import line

__all__ = ["tell_change", "tell_decision", "tell_header", "tell_rest"]

_COLUMNS = {
    "TIME": 20,
    "DECISION": 9,
    "INPUT": 32,
    "MODEL": 32,
    "ACCURACY": 8,
    "CHANGE": 9,
    "ATTEMPT": 7,
    "TFJOB": 0,
}
_STYLES = {
    "Published": "green",
    "Failed": "red",
    "Skipped": "yellow",
    "Promoted": "bold green",
    "Withheld": "yellow",
}
_ID_DIGITS = 12
"""Of a digest or a commit: so many are not shared by two."""
_SHOWN = 5
"""Changes of one part that are told; all are in the JSON."""
_VALUE_LIMIT = 40
_HEXADECIMAL = frozenset("0123456789abcdef")
_SHORTEST_ID = 32
_NAMES = {"imageSha256": "image", "gitCommit": "revision", "mnist-operator": "operator"}

Item = Mapping[str, Any]


def tell_header(head: Item) -> Iterator[Text]:
    """The header of the table."""
    del head
    yield line(_padded([*_COLUMNS]), "bold")


def tell_decision(item: Item) -> Iterator[Text]:
    """A decision, its reason, and what changed since the model before."""
    cells = [
        item["time"],
        item["decision"],
        item["inputCommit"],
        item["modelCommit"] or "-",
        item["accuracy"] or "-",
        tell_change(item["accuracyChange"]),
        str(item["attempt"] or "-"),
        item["tfjob"] or "-",
    ]
    yield line(_padded(cells), _STYLES.get(item["decision"], ""))
    why = ": ".join(filter(None, (item["reason"], item["message"])))
    if why:
        yield line(f"  {why}", "dim")
    if item["changes"] is not None:
        yield line(f"  {'; '.join(_changes(item))}", "dim")


def tell_rest(tail: Item) -> Iterator[Text]:
    """What is to be said of the decisions that are not shown."""
    if tail["older"]:
        yield line(f"{tail['older']} older ones: ask with --limit", "dim")
    for note in tail["notes"]:
        yield line(f"Note: {note}", "yellow")


def tell_change(change: str | None) -> str:
    """A difference of accuracies in percentage points."""
    return "-" if change is None else f"{Decimal(change) * 100:+.2f} %p"


def _padded(cells: Sequence[str]) -> str:
    pairs = zip(cells, _COLUMNS.values(), strict=True)
    return "  ".join(cell.ljust(width) for cell, width in pairs).rstrip()


def _changes(item: Item) -> Iterator[str]:
    """One phrase for each part that is another one."""
    found = False
    for part, group in groupby(item["changes"], key=lambda each: each["part"]):
        if part == "data":
            told = _data([*group], equal=item["dataEqual"])
        else:
            told = _enumerate([_pair(each) for each in group if _is_told_here(each)])
        if told:
            found = True
            yield f"{part}: {told}"
    if not found:
        yield "the same data, code and parameters"
    if not item["recordRead"]:
        yield "its lineage.json cannot be read"


def _data(changes: Sequence[Item], *, equal: bool | None) -> str:
    files = [each for each in changes if each["key"].startswith("file ")]
    parts = []
    if any(each["key"] == "commit" for each in changes):
        parts.append("another commit")
    parts += [_pair(each) for each in changes if each["key"] in {"repo", "branch"}]
    if equal:
        parts.append("the same files")
    elif files:
        count = "1 file differs" if len(files) == 1 else f"{len(files)} files differ"
        names = _enumerate([each["key"].removeprefix("file ") for each in files])
        parts.append(f"{count} ({names})")
    return ", ".join(parts)


def _is_told_here(change: Item) -> bool:
    return not is_told_elsewhere(change["part"], change["key"])


def _pair(change: Item) -> str:
    key = _NAMES.get(change["key"], change["key"])
    missing = say_missing(change["part"])
    before, after = (_short(change[each], missing) for each in ("before", "after"))
    return f"{key} {before}→{after}"


def _short(value: Any, missing: str) -> str:
    """A value on one line: of a digest its beginning."""
    text = missing if value is None else str(value)
    if len(text) >= _SHORTEST_ID and set(text) <= _HEXADECIMAL:
        return text[:_ID_DIGITS]
    return text if len(text) <= _VALUE_LIMIT else f"{text[: _VALUE_LIMIT - 1]}…"


def _enumerate(words: Sequence[str]) -> str:
    more = len(words) - _SHOWN
    told = ", ".join(words[:_SHOWN])
    return f"{told}, {more} more" if more > 0 else told

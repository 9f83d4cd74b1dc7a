"""What was decided, as the page tells it: pages of a ledger, points of a plot. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mnist_operator.cli.dashboard.words import share, shown
from mnist_operator.cli.history.contrasts import is_told_elsewhere, say_missing
from mnist_operator.cli.history.histories import Row
from mnist_operator.decisions import Decision, Entry

__all__ = ["Page", "Point", "before", "cut", "find_run", "list_points", "tell_change"]

_CHANGES_SHOWN = 4
_VALUE = 40


@dataclass(frozen=True, slots=True)
class Page:
    """Some decisions, newest first."""

    rows: tuple[Row, ...]
    number: int
    """From 1, the newest."""
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Point:
    """One decided run in a plot."""

    place: int
    """Its number among all that are plotted, from 0, oldest first."""
    time: datetime
    run: str
    accuracy: float | None
    """From 0 to 1; None for a run that failed."""
    data: bool = True
    """Whether the model before it learned from another commit."""
    code: bool = False
    """Whether it had another spec: image, parameters, resources."""


def cut(entries: Sequence[Entry], number: int, size: int) -> Page:
    """One page of a ledger; the last one where there are fewer."""
    pages = max(1, -(-len(entries) // size))
    at = min(max(number, 1), pages)
    end = len(entries) - (at - 1) * size
    begin = max(0, end - size)
    rows = [_row(entries, place) for place in reversed(range(begin, end))]
    return Page(tuple(rows), at, pages, len(entries))


def _row(entries: Sequence[Entry], place: int) -> Row:
    row = Row(entries[place])
    last = before(entries, place) if row.is_model else None
    return row.after(last) if last is not None else row


def before(entries: Sequence[Entry], place: int) -> Entry | None:
    """The model that was published before the entry at a place."""
    older = (entries[i] for i in reversed(range(place)))
    return next((each for each in older if Row(each).is_model), None)


def find_run(entries: Sequence[Entry], run: str) -> int | None:
    """The place of what was decided after a run."""
    places = reversed(range(len(entries)))
    return next((i for i in places if entries[i].run == run), None)


def list_points(entries: Iterable[Entry]) -> list[Point]:
    """Every run that ended, oldest first, and what was new about it."""
    points: list[Point] = []
    last: Entry | None = None
    for entry in entries:
        if entry.decision is Decision.FAILED:
            points.append(Point(len(points), entry.time, entry.run, None))
        accuracy = share(entry.accuracy)
        if entry.decision is not Decision.PUBLISHED or accuracy is None:
            continue
        data = last is None or last.commit != entry.commit
        code = last is not None and last.spec != entry.spec
        point = Point(len(points), entry.time, entry.run, accuracy, data, code)
        points.append(point)
        last = entry
    return points


def tell_change(item: Mapping[str, Any]) -> list[str]:
    """What is another than in the model before, in a few words each.

    The item is one of `mnistctl history`.
    """
    told = []
    if item.get("dataEqual") is not None:
        told.append("same data" if item["dataEqual"] else "data")
    changes = [c for c in item.get("changes") or () if c.get("part") != "data"]
    if item.get("dataEqual") is None and len(changes) < len(item.get("changes") or ()):
        told.append("data")
    places = {_place(each) for each in changes}
    changes = [each for each in changes if not _is_told_by(places, *_place(each))]
    for each in changes[:_CHANGES_SHOWN]:
        part, key = _place(each)
        old, new = (shown(each.get(side), _VALUE) for side in ("before", "after"))
        missing = say_missing(part)
        told.append(
            f"{shown(f'{part}.{key}', 80)}: {old or missing} → {new or missing}"
        )
    left = len(changes) - _CHANGES_SHOWN
    return [*told, f"and {left} more"] if left > 0 else told


def _is_told_by(places: Collection[tuple[str, str]], part: str, key: str) -> bool:
    """Whether a field of the spec is what another change is about."""
    parameter = "parameters", key.removeprefix("trainer.parameters.")
    code = key == "trainer.image" and any(each == "code" for each, _ in places)
    return is_told_elsewhere(part, key) and (parameter in places or code)


def _place(change: Mapping[str, Any]) -> tuple[str, str]:
    return str(change.get("part")), str(change.get("key"))

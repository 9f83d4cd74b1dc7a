"""The confusion matrix of a model, read off metrics.json. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mnist_operator.cli.dashboard.words import shown
from mnist_operator.foreign import number, rows, table

__all__ = ["Cell", "Matrix", "Mistake", "read_matrix", "read_mistakes"]

_CLASSES = 20
"""More would not fit; then the most frequent mistakes say it."""
_LEVELS = 8
_MISTAKES = 10
_NAME = 24


@dataclass(frozen=True, slots=True)
class Cell:
    """So many test images."""

    count: int
    level: int
    """How dark it is, from 0, none of its row, to 8, all of it."""
    right: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """A row for each true class, in it a cell for each predicted one."""

    names: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """So many images of one class were taken for another."""

    true: str
    predicted: str
    count: int


def read_matrix(metrics: Any) -> Matrix | None:
    """The matrix; None where there is none, or one too large to be shown."""
    told = table(metrics).get("confusionMatrix")
    if not isinstance(told, list) or not 1 < len(told) <= _CLASSES:
        return None
    counts = [_counts(each, len(told)) for each in told]
    if any(each is None for each in counts):
        return None
    names = _names(metrics)
    return Matrix(
        names=tuple(names.get(i, str(i)) for i in range(len(told))),
        rows=tuple(_row(each or [], place) for place, each in enumerate(counts)),
    )


def _counts(row: Any, size: int) -> list[int] | None:
    if not isinstance(row, list) or len(row) != size:
        return None
    found = [number(each) for each in row]
    good = [each for each in found if each is not None and each >= 0]
    return good if len(good) == size else None


def _row(counts: Sequence[int], place: int) -> tuple[Cell, ...]:
    """A single mistake can be seen beside a thousand right answers, so it is 1."""
    total = sum(counts) or 1
    return tuple(
        Cell(each, -(-each * _LEVELS // total), i == place)
        for i, each in enumerate(counts)
    )


def _names(metrics: Any) -> Mapping[int, str]:
    found: dict[int, str] = {}
    for each in rows(table(metrics).get("perClass")):
        label = number(each.get("class"))
        if label is not None and each.get("name") is not None:
            found[label] = shown(each["name"], _NAME)
    return found


def read_mistakes(metrics: Any) -> list[Mistake]:
    """The most frequent mistakes, by the classes' names."""
    names = _names(metrics)

    def name(label: Any) -> str:
        known = number(label)
        told = None if known is None else names.get(known)
        return told or shown(label, _NAME)

    return [
        Mistake(name(each.get("true")), name(each.get("predicted")), count)
        for each in rows(table(metrics).get("mostConfused"))[:_MISTAKES]
        if (count := number(each.get("count")) or 0)
    ]

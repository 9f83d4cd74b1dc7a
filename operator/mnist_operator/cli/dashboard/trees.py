"""The lineage of some runs as SVG: data, run, model, and what began from it. Pure.

Three columns; an edge leads from what went in to what came of it. A model that a
later run began from has an edge back to that run, beside the others.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from mnist_operator.cli.dashboard.canvases import opening
from mnist_operator.cli.dashboard.words import percent, short, shown

__all__ = ["LARGE", "SMALL", "Branch", "Size", "describe_tree", "draw_tree"]

_SHAPES = {"Succeeded": "good", "Failed": "bad", "Abandoned": "idle"}


@dataclass(frozen=True, slots=True)
class Branch:
    """One run, what it learned from, and what came of it."""

    commit: str
    run: str
    state: str
    model: str = ""
    accuracy: str = ""
    begins_from: str = ""
    """The model that it was offered to begin from."""
    here: bool = False
    """Whether the page is about it."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large the parts are."""

    name: str
    box: int
    gap: int
    digits: int

    @property
    def width(self) -> int:
        """Of the whole."""
        return 3 * self.box + 2 * self.gap + 2


LARGE = Size("wide", 190, 90, 12)
SMALL = Size("narrow", 98, 20, 8)
_HEIGHT, _STEP, _TOP = 46, 62, 26


@dataclass(frozen=True, slots=True)
class _Box:
    column: int
    row: float
    title: str
    words: str
    shape: str
    link: str = ""


def describe_tree(branches: Sequence[Branch]) -> str:
    """The same in words."""
    return " ".join(_sentence(each) for each in branches)


def _sentence(branch: Branch) -> str:
    begun = f", begun from model {short(branch.begins_from)}"
    model = f" and made model {short(branch.model)}"
    score = f" with an accuracy of {percent(branch.accuracy)}"
    return (
        f"Run {short(branch.run)} on data {short(branch.commit)}"
        f"{begun if branch.begins_from else ''}: {branch.state.lower()}"
        f"{model if branch.model else ''}"
        f"{score if branch.model and branch.accuracy else ''}."
    )


def draw_tree(branches: Sequence[Branch], size: Size, runs: str) -> str:
    """Draw it, in the order given; runs and models lead to the run's page."""
    data = _data_rows(branches)
    return "\n".join(
        [
            opening(
                f"lineage-{size.name}",
                f"tree {size.name}",
                size=(size.width, _TOP + _STEP * len(branches)),
                role="group",
                title="Lineage: data, run, model",
                words=describe_tree(branches),
            ),
            *_heads(size),
            *_edges(branches, data, size),
            *(_draw(each, size) for each in _boxes(branches, data, size, runs)),
            "</svg>",
        ]
    )


def _data_rows(branches: Sequence[Branch]) -> dict[str, float]:
    """Each commit in the middle of its runs."""
    places: dict[str, list[int]] = {}
    for row, each in enumerate(branches):
        places.setdefault(each.commit, []).append(row)
    return {commit: sum(rows) / len(rows) for commit, rows in places.items()}


def _heads(size: Size) -> Iterator[str]:
    for column, text in enumerate(("Data", "Run", "Model")):
        yield f'<text class="head" x="{_left(column, size) + 2}" y="14">{text}</text>'


def _left(column: int, size: Size) -> int:
    return 1 + column * (size.box + size.gap)


def _middle(row: float) -> float:
    return _TOP + row * _STEP + _HEIGHT / 2


def _edges(
    branches: Sequence[Branch], data: dict[str, float], size: Size
) -> Iterator[str]:
    made = {each.model: row for row, each in enumerate(branches) if each.model}
    for row, each in enumerate(branches):
        yield _edge(0, data[each.commit], row, size, "edge")
        if each.model:
            yield _edge(1, row, row, size, "edge")
        if each.begins_from in made:
            yield _edge(1, made[each.begins_from], row, size, "edge begun", back=True)


def _edge(
    column: int,
    begin: float,
    end: float,
    size: Size,
    kind: str,
    *,
    back: bool = False,
) -> str:
    left = _left(column, size) + size.box
    right = left + size.gap
    x1, x2 = (right, left) if back else (left, right)
    y1, y2 = _middle(begin), _middle(end)
    bend = (x1 + x2) / 2
    return (
        f'<path class="{kind}" d="M{x1} {y1:.1f}C{bend:.1f} {y1:.1f}'
        f' {bend:.1f} {y2:.1f} {x2} {y2:.1f}"/>'
    )


def _boxes(
    branches: Sequence[Branch], data: dict[str, float], size: Size, runs: str
) -> Iterable[_Box]:
    for commit, place in data.items():
        yield _Box(0, place, shown(commit)[: size.digits], "input commit", "data")
    for row, each in enumerate(branches):
        shape = _SHAPES.get(each.state, "idle")
        here = f"{shape} here" if each.here else shape
        link = "" if each.here else f"{runs}{each.run}"
        yield _Box(1, row, shown(each.run)[: size.digits], each.state, here, link)
        if each.model:
            words = percent(each.accuracy) or "no accuracy"
            title = shown(each.model)[: size.digits]
            yield _Box(2, row, title, words, "model", link)


def _draw(box: _Box, size: Size) -> str:
    x, y = _left(box.column, size), _TOP + box.row * _STEP
    body = (
        f'<rect x="{x}" y="{y:.1f}" width="{size.box}" height="{_HEIGHT}" rx="6"/>'
        f'<text class="id" x="{x + 10}" y="{y + 19:.1f}">{escape(box.title)}</text>'
        f'<text class="words" x="{x + 10}" y="{y + 36:.1f}">{escape(box.words)}</text>'
    )
    kind = f'class="box {box.shape}"'
    if not box.link:
        return f"<g {kind}>{body}</g>"
    label = escape(f"{('data', 'run', 'model')[box.column]} {box.title}, {box.words}")
    link = escape(box.link)
    return f'<a {kind} href="{link}" aria-label="{label}">{body}</a>'

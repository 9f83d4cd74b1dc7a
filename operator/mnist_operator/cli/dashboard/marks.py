"""The marks of a plot: a shape for what was new in a model, a link to its run. Pure."""

from collections.abc import Iterator, Sequence
from html import escape

from mnist_operator.cli.dashboard.decisions import Point
from mnist_operator.cli.dashboard.words import clock

__all__ = ["choose", "draw_mark"]


def choose(points: Sequence[Point], most: int) -> Iterator[Point]:
    """So many of what failed, and of what changed the code, evenly spread."""
    models = [each for each in points if each.accuracy is not None]
    yield models[-1]
    for found in (
        [each for each in points if each.accuracy is None],
        [each for each in models if each.code],
    ):
        step = -(-len(found) // most) or 1
        yield from found[::-1][::step]


def draw_mark(point: Point, x: float, y: float, runs: str, *, dense: bool) -> str:
    """One run, with what was new in it as words, leading to its page.

    Where they stand close to one another the Tab key passes them over: whoever has no
    mouse finds each run in the table of decisions, and that not after a hundred marks.
    """
    words = escape(_words(point))
    passed = ' tabindex="-1"' if dense else ""
    return (
        f'<a href="{escape(runs)}{escape(point.run)}" aria-label="{words}"{passed}>'
        f"<title>{words}</title>{_shape(point, x, y, dense=dense)}</a>"
    )


def _words(point: Point) -> str:
    if point.accuracy is None:
        return f"failed run, {clock(point.time)}"
    new = [
        *(["data"] if point.data else []),
        *(["code or parameters"] if point.code else []),
    ]
    told = f"new {' and '.join(new)}" if new else "nothing new"
    return f"{point.accuracy:.2%}, {told}, {clock(point.time)}"


def _shape(point: Point, x: float, y: float, *, dense: bool) -> str:
    """A circle for data, a diamond for code; hollow where the data are the same."""
    if point.accuracy is None and dense:
        return f'<path class="failed dense" d="M{x} {y - 5:.1f}v10"/>'
    if point.accuracy is None:
        cross = f"M{x - 5:.1f} {y - 5:.1f}l10 10m0 -10l-10 10"
        return f'<path class="failed" d="{cross}"/>'
    fill = "filled" if point.data else "hollow"
    if point.code:
        return f'<path class="mark code {fill}" d="M{x} {y - 7:.1f}l7 7l-7 7l-7 -7z"/>'
    return f'<circle class="mark {fill}" cx="{x}" cy="{y}" r="4.5"/>'

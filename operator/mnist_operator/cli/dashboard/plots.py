"""Accuracy over runs, as SVG. Pure: the same points give the same bytes.

What is drawn is bounded whatever the length of the history: one line of at most
`MOST` corners, and marks as far as they can be told apart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from mnist_operator.cli.dashboard import marks
from mnist_operator.cli.dashboard.axes import Scale, fit, ticks
from mnist_operator.cli.dashboard.canvases import opening
from mnist_operator.cli.dashboard.decisions import Point
from mnist_operator.cli.dashboard.thinning import thin
from mnist_operator.cli.dashboard.words import clock, day

__all__ = ["MOST", "NARROW", "WIDE", "Frame", "describe", "draw"]

MOST = 800
"""Corners of the line."""
_LEAST_SPAN = 0.004
"""Of the accuracy that is shown: noise should not look like a landslide."""
_SHORT = timedelta(days=2)
"""Within it, times of day tell runs apart."""


@dataclass(frozen=True, slots=True)
class Frame:
    """How large a plot is, in the pixels of its own; and what fits."""

    name: str
    width: int
    height: int
    corners: int
    marks: int
    dates: int
    left: int = 62
    right: int = 14
    top: int = 14
    bottom: int = 46


WIDE = Frame("wide", 920, 280, MOST, 120, 6)
NARROW = Frame("narrow", 340, 240, 160, 40, 2)


def describe(points: Sequence[Point]) -> str:
    """The plot in words, for who cannot see it."""
    models = [each for each in points if each.accuracy is not None]
    failed = len(points) - len(models)
    values = [each.accuracy for each in models if each.accuracy is not None]
    if not values:
        return f"No model yet; {_many(failed, 'failed run')}."
    code = sum(each.code for each in models)
    return (
        f"{_many(len(models), 'model')}, from {day(models[0].time)} to"
        f" {day(models[-1].time)}. The first has an accuracy of {values[0]:.2%}, the"
        f" newest of {values[-1]:.2%}; the lowest is {min(values):.2%}, the highest"
        f" {max(values):.2%}. {_many(code, 'change')} of image, code or parameters;"
        f" {_many(failed, 'failed run')}."
    )


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def draw(points: Sequence[Point], frame: Frame, runs: str) -> str:
    """Draw it; each mark leads to `runs` and the run's ID.

    Raises:
        ValueError: There is no model to be drawn.
    """
    values = [each.accuracy for each in points if each.accuracy is not None]
    if not values:
        raise ValueError("no model has an accuracy")
    across = _across(len(points), frame)
    up = fit(
        min(values),
        max(values),
        least=_LEAST_SPAN,
        begin=frame.height - frame.bottom,
        end=frame.top,
    )
    return "\n".join(
        [
            opening(
                f"accuracy-{frame.name}",
                f"plot {frame.name}",
                size=(frame.width, frame.height),
                role="group",
                title="Accuracy of the models, oldest first",
                words=describe(points),
            ),
            *_rulers(up, frame),
            *_dates(points, across, frame),
            *_line(points, across, up, frame),
            *_marks(points, across, up, frame, runs),
            "</svg>",
        ]
    )


def _across(count: int, frame: Frame) -> Scale:
    last = max(count - 1, 1)
    return Scale(0, last, frame.left + 8, frame.width - frame.right - 8)


def _rulers(up: Scale, frame: Frame) -> Iterator[str]:
    for value in ticks(up, 5):
        y = up.place(value)
        yield (
            f'<line class="ruler" x1="{frame.left}" x2="{frame.width - frame.right}"'
            f' y1="{y}" y2="{y}"/>'
        )
        yield (
            f'<text class="label" x="{frame.left - 8}" y="{y + 4:.1f}"'
            f' text-anchor="end">{value:.2%}</text>'
        )


def _dates(points: Sequence[Point], across: Scale, frame: Frame) -> Iterator[str]:
    """When some runs were, evenly spread, each time once."""
    spread = min(frame.dates, len(points))
    last, told = max(len(points) - 1, 0), ""
    short = points[-1].time - points[0].time < _SHORT
    for each in range(spread):
        point = points[round(each * last / max(spread - 1, 1))]
        text = clock(point.time)[5:16] if short else day(point.time)
        if text == told:
            continue
        told = text
        ends = {0: "start", spread - 1: "end"}
        anchor = ends.get(each, "middle") if spread > 1 else "start"
        yield (
            f'<text class="label" x="{across.place(point.place)}"'
            f' y="{frame.height - 10}" text-anchor="{anchor}">{text}</text>'
        )


def _line(
    points: Sequence[Point], across: Scale, up: Scale, frame: Frame
) -> Iterator[str]:
    models = [each for each in points if each.accuracy is not None]
    corners = " ".join(
        f"{across.place(each.place)},{up.place(each.accuracy or 0.0)}"
        for each in thin(models, frame.corners, lambda point: point.accuracy or 0.0)
    )
    kind = "curve dense" if len(models) > frame.corners else "curve"
    yield f'<polyline class="{kind}" points="{corners}"/>'


def _marks(
    points: Sequence[Point], across: Scale, up: Scale, frame: Frame, runs: str
) -> Iterator[str]:
    """All runs where there is room; else what changed the code, and the newest."""
    dense = len(points) > frame.marks
    told = [*marks.choose(points, frame.marks // 2)] if dense else [*points]
    floor = frame.height - frame.bottom + 14
    for each in dict.fromkeys(sorted(told, key=lambda point: point.place)):
        x = across.place(each.place)
        if each.code:
            yield (
                f'<line class="change" x1="{x}" x2="{x}" y1="{frame.top}"'
                f' y2="{frame.height - frame.bottom}"/>'
            )
        y = floor if each.accuracy is None else up.place(each.accuracy)
        yield marks.draw_mark(each, x, y, runs, dense=dense)

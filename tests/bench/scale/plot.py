"""Cost against the number of trainings, as an SVG of a few panels. Pure.

A panel has its own scale from zero on, its points, the line through zero and the
last point ("linear" would lie on it or above), and its goal, where there is one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Panel", "draw"]

_WIDTH, _HEIGHT = 330, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 40, 34
_COLUMNS = 2
_TICKS = 4
_STYLE = """
  text { font: 11px sans-serif; fill: #333 }
  .title { font-weight: bold; font-size: 12px }
  .end { text-anchor: end } .middle { text-anchor: middle }
  .grid { stroke: #ddd } .axis { stroke: #888 }
  .line { stroke: #1f5fa8; stroke-width: 1.5; fill: none }
  .dot { fill: #1f5fa8 }
  .straight { stroke: #999; stroke-dasharray: 2 3 }
  .goal { stroke: #b4442a; stroke-dasharray: 6 4 } .goaltext { fill: #b4442a }
"""
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Panel:
    """One quantity against the number of trainings."""

    title: str
    points: Sequence[Point]
    goal: Sequence[Point] = ()
    """The line that is not to be crossed, by its ends."""


def draw(panels: Sequence[Panel], caption: str) -> str:
    """The whole picture; the caption is told to those who cannot see it, too."""
    rows = -(-len(panels) // _COLUMNS)
    width, height = _COLUMNS * _WIDTH, rows * _HEIGHT
    parts = [
        f'<g transform="translate({place % _COLUMNS * _WIDTH} '
        f'{place // _COLUMNS * _HEIGHT})">\n{_panel(panel)}</g>\n'
        for place, panel in enumerate(panels)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img">\n'
        f"<title>{escape(caption)}</title>\n<style>{_STYLE}</style>\n"
        f'<rect width="{width}" height="{height}" fill="#fff"/>\n'
        f"{''.join(parts)}</svg>\n"
    )


class _Scale:
    """From quantities to places."""

    def __init__(self, panel: Panel) -> None:
        seen = [*panel.points, *panel.goal]
        self.most_x = max(x for x, _ in seen)
        self.step = _round_up(max(y for _, y in seen) / _TICKS)
        self.most_y = self.step * _TICKS

    def x(self, value: float) -> float:
        inner = _WIDTH - _LEFT - _RIGHT
        return round(_LEFT + inner * value / self.most_x, 1)

    def y(self, value: float) -> float:
        inner = _HEIGHT - _TOP - _BOTTOM
        return round(_HEIGHT - _BOTTOM - inner * value / self.most_y, 1)

    def path(self, points: Sequence[Point]) -> str:
        return " ".join(f"{self.x(x)},{self.y(y)}" for x, y in points)


def _panel(panel: Panel) -> str:
    scale = _Scale(panel)
    lines = [f'<text class="title" x="{_LEFT}" y="20">{escape(panel.title)}</text>']
    for number in range(_TICKS + 1):
        lines += _tick(scale, number * scale.step)
    for x, _ in panel.points:
        if x == scale.most_x or x * 5 > scale.most_x:
            lines.append(
                f'<text class="middle" x="{scale.x(x)}" y="{_HEIGHT - _BOTTOM + 16}">'
                f"{x:,.0f}</text>"
            )
    last = max(panel.points)
    lines.append(f'<polyline class="straight" points="{scale.path([(0, 0), last])}"/>')
    if panel.goal:
        x, y = panel.goal[-1]
        lines.append(f'<polyline class="goal" points="{scale.path(panel.goal)}"/>')
        lines.append(
            f'<text class="end goaltext" x="{scale.x(x)}" y="{scale.y(y) - 5}">'
            "goal</text>"
        )
    lines.append(f'<polyline class="line" points="{scale.path(panel.points)}"/>')
    lines += [
        f'<circle class="dot" cx="{scale.x(x)}" cy="{scale.y(y)}" r="3"/>'
        for x, y in panel.points
    ]
    return "\n".join(lines) + "\n"


def _tick(scale: _Scale, value: float) -> list[str]:
    y = scale.y(value)
    kind = "grid" if value else "axis"
    return [
        f'<line class="{kind}" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>',
        f'<text class="end" x="{_LEFT - 6}" y="{y + 4}">{value:,g}</text>',
    ]


def _round_up(value: float) -> float:
    """To 1, 2, 2.5 or 5 times a power of ten."""
    power = 1.0
    while power > value:
        power /= 10
    while power * 10 <= value:
        power *= 10
    return next(f * power for f in (1, 2, 2.5, 5, 10) if f * power >= value)

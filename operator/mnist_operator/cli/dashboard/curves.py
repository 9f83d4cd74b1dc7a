"""How loss and accuracy went while a model was learning, as SVG. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mnist_operator.cli.dashboard.axes import Scale, fit, ticks
from mnist_operator.cli.dashboard.canvases import opening
from mnist_operator.cli.dashboard.thinning import thin
from mnist_operator.cli.dashboard.words import share
from mnist_operator.foreign import rows, table

__all__ = ["Epoch", "draw_curve", "read_epochs"]

_MOST = 1000
"""Epochs that are read at all."""
_CORNERS, _DOTS = 200, 40
_WIDTH, _HEIGHT = 340, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 12, 34
_LARGEST = 1e6


@dataclass(frozen=True, slots=True)
class Epoch:
    """Once through the training images."""

    number: int
    loss: float
    accuracy: float
    seconds: float


def read_epochs(metrics: Any) -> list[Epoch]:
    """The history in metrics.json, as far as it makes sense."""
    found = (_read(each) for each in rows(table(metrics).get("history"))[:_MOST])
    return [each for each in found if each is not None]


def _read(item: Any) -> Epoch | None:
    accuracy = share(item.get("accuracy"))
    numbers = [_number(item.get(key)) for key in ("epoch", "loss", "seconds")]
    if accuracy is None or numbers[0] is None or numbers[1] is None:
        return None
    return Epoch(int(numbers[0]), numbers[1], accuracy, numbers[2] or 0.0)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= _LARGEST else None


def draw_curve(epochs: Sequence[Epoch], what: str) -> str:
    """Draw `loss` or `accuracy` over the epochs, of which there is one at least."""
    values = [getattr(each, what) for each in epochs]
    least = 0.004 if what == "accuracy" else 0.001
    end = _HEIGHT - _BOTTOM
    up = fit(min(values), max(values), least=least, begin=end, end=_TOP)
    last = max(len(epochs) - 1, 1)
    across = Scale(0, last, _LEFT + 8, _WIDTH - _RIGHT - 8)
    title = f"{what.capitalize()} of each epoch"
    told = (
        f"{len(epochs)} epochs: {what} from {_tell(values[0], what)}"
        f" to {_tell(values[-1], what)}."
    )
    return "\n".join(
        [
            opening(
                what,
                f"plot {what}",
                size=(_WIDTH, _HEIGHT),
                role="img",
                title=title,
                words=told,
            ),
            *_frame(up, what, epochs),
            *_line([*enumerate(values)], across, up),
            "</svg>",
        ]
    )


def _tell(value: float, what: str) -> str:
    return f"{value:.2%}" if what == "accuracy" else f"{value:.4g}"


def _frame(up: Scale, what: str, epochs: Sequence[Epoch]) -> Iterator[str]:
    for value in ticks(up, 4):
        y = up.place(value)
        told = f"{value:.1%}" if what == "accuracy" else f"{value:.4g}"
        yield (
            f'<line class="ruler" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}"'
            f' y1="{y}" y2="{y}"/>'
            f'<text class="label" x="{_LEFT - 8}" y="{y + 4:.1f}"'
            f' text-anchor="end">{told}</text>'
        )
    ends = ((_LEFT + 8, "start", epochs[0]), (_WIDTH - _RIGHT, "end", epochs[-1]))
    for x, anchor, each in ends[: len(epochs)]:
        yield (
            f'<text class="label" x="{x}" y="{_HEIGHT - 10}"'
            f' text-anchor="{anchor}">epoch {each.number}</text>'
        )


def _line(
    values: Sequence[tuple[int, float]], across: Scale, up: Scale
) -> Iterator[str]:
    some = thin(values, _CORNERS, lambda each: each[1])
    places = [(across.place(place), up.place(value)) for place, value in some]
    corners = " ".join(f"{x},{y}" for x, y in places)
    yield f'<polyline class="curve" points="{corners}"/>'
    if len(places) <= _DOTS:
        for x, y in places:
            yield f'<circle class="mark filled" cx="{x}" cy="{y}" r="3.5"/>'

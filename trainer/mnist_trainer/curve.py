"""For seeing at a glance whether training went well: one small picture of its curve."""

from collections.abc import Sequence
from typing import Final

from mnist_trainer.drawing import BLUE, GRID, INK, ORANGE, Picture
from mnist_trainer.history import History

__all__ = ["draw_curve"]

_Points = Sequence[tuple[float, float]]

_WIDTH: Final = 720
_HEIGHT: Final = 360
_LEFT: Final = 64
_RIGHT: Final = _WIDTH - 64
_TOP: Final = 56
_BOTTOM: Final = _HEIGHT - 48
_LINES: Final = 4

_LOSS: Final = ORANGE
_ACCURACY: Final = BLUE


def draw_curve(history: History, *, title: str) -> bytes:
    """Draw loss and accuracy over the epochs, as PNG."""
    picture = Picture(_WIDTH, _HEIGHT)
    top = max([point.loss for _, point in history.curve], default=1.0) or 1.0
    _draw_frame(picture, title, loss_top=top, epochs=history.epochs)
    losses = [(at, point.loss / top) for at, point in history.curve]
    hits = [(at, point.accuracy) for at, point in history.curve]
    for points, colour in ((losses, _LOSS), (hits, _ACCURACY)):
        places = _place(points, history.epochs)
        # A single point is no line: doubled, it is a dot at least.
        picture.pen.line(
            places if len(places) > 1 else places * 2, fill=colour, width=3
        )
    return picture.to_png()


def _place(points: _Points, epochs: int) -> list[tuple[float, float]]:
    """Turn epochs and heights of 0..1 into pixels."""
    width, height = _RIGHT - _LEFT, _BOTTOM - _TOP
    return [
        (_LEFT + width * at / epochs, _BOTTOM - height * min(value, 1.0))
        for at, value in points
    ]


def _draw_frame(picture: Picture, title: str, *, loss_top: float, epochs: int) -> None:
    picture.write((_LEFT, 8), title)
    picture.write((_LEFT, 32), "loss", _LOSS)
    picture.write((_RIGHT, 32), "accuracy", _ACCURACY, "ra")
    for line in range(_LINES + 1):
        part = line / _LINES
        y = _BOTTOM - (_BOTTOM - _TOP) * part
        picture.pen.line([(_LEFT, y), (_RIGHT, y)], fill=GRID)
        picture.write((_LEFT - 8, y), f"{loss_top * part:.2f}", _LOSS, "rm")
        picture.write((_RIGHT + 8, y), f"{part:.0%}", _ACCURACY, "lm")
    # A tick an epoch, but never so many that they run into one another.
    every = max(1, epochs // 10)
    for epoch in range(0, epochs + 1, every):
        x = _LEFT + (_RIGHT - _LEFT) * epoch / epochs
        picture.pen.line([(x, _BOTTOM), (x, _BOTTOM + 5)], fill=INK)
        picture.write((x, _BOTTOM + 8), str(epoch), anchor="ma")
    picture.write((_RIGHT, _BOTTOM + 26), "epoch", anchor="ra")

"""For seeing at a glance whether training went well: one small picture of its curve."""

import io
from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw, ImageFont

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

_PAPER: Final = "#ffffff"
_INK: Final = "#222222"
_GRID: Final = "#dddddd"
# Told apart by every kind of eyesight, and in grey.
_LOSS: Final = "#d55e00"
_ACCURACY: Final = "#0072b2"


def draw_curve(history: History, *, title: str) -> bytes:
    """Draw loss and accuracy over the epochs, as PNG."""
    picture = Image.new("RGB", (_WIDTH, _HEIGHT), _PAPER)
    pen = ImageDraw.Draw(picture)
    top = max([point.loss for _, point in history.curve], default=1.0) or 1.0
    _draw_frame(pen, title, loss_top=top, epochs=history.epochs)
    losses = [(at, point.loss / top) for at, point in history.curve]
    hits = [(at, point.accuracy) for at, point in history.curve]
    for points, colour in ((losses, _LOSS), (hits, _ACCURACY)):
        places = _place(points, history.epochs)
        # A single point is no line: doubled, it is a dot at least.
        pen.line(places if len(places) > 1 else places * 2, fill=colour, width=3)
    file = io.BytesIO()
    picture.save(file, format="PNG", optimize=True)
    return file.getvalue()


def _place(points: _Points, epochs: int) -> list[tuple[float, float]]:
    """Turn epochs and heights of 0..1 into pixels."""
    width, height = _RIGHT - _LEFT, _BOTTOM - _TOP
    return [
        (_LEFT + width * at / epochs, _BOTTOM - height * min(value, 1.0))
        for at, value in points
    ]


def _draw_frame(
    pen: ImageDraw.ImageDraw, title: str, *, loss_top: float, epochs: int
) -> None:
    font = ImageFont.load_default(14)
    pen.text((_LEFT, 8), title, _INK, font)
    pen.text((_LEFT, 32), "loss", _LOSS, font)
    pen.text((_RIGHT, 32), "accuracy", _ACCURACY, font, anchor="ra")
    for line in range(_LINES + 1):
        part = line / _LINES
        y = _BOTTOM - (_BOTTOM - _TOP) * part
        pen.line([(_LEFT, y), (_RIGHT, y)], fill=_GRID)
        pen.text((_LEFT - 8, y), f"{loss_top * part:.2f}", _LOSS, font, anchor="rm")
        pen.text((_RIGHT + 8, y), f"{part:.0%}", _ACCURACY, font, anchor="lm")
    # A tick an epoch, but never so many that they run into one another.
    every = max(1, epochs // 10)
    for epoch in range(0, epochs + 1, every):
        x = _LEFT + (_RIGHT - _LEFT) * epoch / epochs
        pen.line([(x, _BOTTOM), (x, _BOTTOM + 5)], fill=_INK)
        pen.text((x, _BOTTOM + 8), str(epoch), _INK, font, anchor="ma")
    pen.text((_RIGHT, _BOTTOM + 26), "epoch", _INK, font, anchor="ra")

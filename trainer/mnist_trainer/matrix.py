"""For seeing which classes a model takes for one another: the confusion matrix."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from mnist_trainer.drawing import BLUE, GRID, INK, ORANGE, PAPER, Picture, label

__all__ = ["draw_matrix"]

_SIDE: Final = 480
"""Pixels for the cells of all classes, unless they are very many."""

_WIDEST_CELL: Final = 48
_READABLE: Final = 16
"""Pixels that a cell needs for a label beside it."""
_COUNTABLE: Final = 24
"""And for a number within."""

_MARGIN: Final = 12
_TITLE: Final = 60
_LONGEST_LABEL: Final = 120

_DARK: Final = 0.6
"""From this strength of its colour on, a cell's number is written in white."""


def draw_matrix(confusion: Any, names: Sequence[str]) -> bytes:
    """Draw true classes as rows and predicted ones as columns, as PNG.

    Args:
        confusion: (classes, classes), how many images of each pair.
        names: of the classes, in their order.

    """
    counts = np.asarray(confusion)
    cell = max(1, min(_WIDEST_CELL, _SIDE // len(counts)))
    texts = [label(name, number) for number, name in enumerate(names)]
    texts = texts if cell >= _READABLE else [""] * len(counts)
    margin, side = _measure_labels(texts), cell * len(counts)
    left, top = _MARGIN + margin, _TITLE + margin
    picture = Picture(left + max(side, 240) + _MARGIN, top + side + _MARGIN)
    picture.write((_MARGIN, 8), "Rows: what it is. Columns: what the model says.")
    picture.write(
        (_MARGIN, 30), "Blue: right. Orange: mistakes, the frequent ones dark."
    )
    strength = _strengths(counts)
    cells = _colour(strength).resize((side, side), Image.Resampling.NEAREST)
    picture.image.paste(cells, (left, top))
    picture.pen.rectangle((left - 1, top - 1, left + side, top + side), outline=GRID)
    _write_labels(picture, texts, (left, top), cell)
    if cell >= _COUNTABLE:
        _write_counts(picture, counts, strength, (left, top), cell)
    return picture.to_png()


def _strengths(counts: np.ndarray) -> np.ndarray:
    """Weigh each cell by its share of the row, and the mistakes among themselves.

    Otherwise those of a good model would be as pale as the paper.
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    mistakes = np.sqrt(shares * (1 - np.eye(len(counts))))
    most = mistakes.max() or 1.0
    return np.diag(shares.diagonal()) + mistakes / most


def _colour(strength: np.ndarray) -> Image.Image:
    """Mix blue, on the diagonal, and orange, elsewhere, with the paper."""
    right = np.eye(len(strength), dtype=bool)[:, :, None]
    ink = np.where(right, ImageColor.getrgb(BLUE), ImageColor.getrgb(ORANGE))
    paper = np.array(ImageColor.getrgb(PAPER))
    mixed = paper + (ink - paper) * strength[:, :, None]
    return Image.fromarray(np.rint(mixed).astype(np.uint8))


def _measure_labels(texts: Sequence[str]) -> int:
    """Find out how many pixels the longest label takes, within reason."""
    font = Picture(1, 1).font
    return min(_LONGEST_LABEL, int(max(font.getlength(text) for text in texts))) + 8


def _write_labels(
    picture: Picture, texts: Sequence[str], corner: tuple[int, int], cell: int
) -> None:
    left, top = corner
    for number, text in enumerate(texts):
        shown = picture.fit(text, _LONGEST_LABEL)
        middle = number * cell + cell / 2
        picture.write((left - 6, top + middle), shown, anchor="rm")
        if picture.font.getlength(shown) < cell:
            picture.write((left + middle, top - 6), shown, anchor="ms")
        else:
            _write_upwards(picture, shown, (left + int(middle), top - 6))


def _write_upwards(picture: Picture, text: str, foot: tuple[int, int]) -> None:
    """Write a long label from its foot upwards."""
    left, top, right, bottom = picture.font.getbbox(text)
    line = Image.new("L", (int(right - left), int(bottom - top)))
    ImageDraw.Draw(line).text((-left, -top), text, 255, picture.font)
    line = line.rotate(90, expand=True)
    place = (foot[0] - line.width // 2, foot[1] - line.height)
    picture.image.paste(Image.new("RGB", line.size, INK), place, line)


def _write_counts(
    picture: Picture,
    counts: np.ndarray,
    strength: np.ndarray,
    corner: tuple[int, int],
    cell: int,
) -> None:
    left, top = corner
    for row, column in np.argwhere(counts):
        place = (left + (column + 0.5) * cell, top + (row + 0.5) * cell)
        colour = PAPER if strength[row, column] > _DARK else INK
        text = picture.fit(str(counts[row, column]), cell)
        picture.write(place, text, colour, "mm")

"""For looking a model's worst mistakes in the eye: the images it was sure of, wrongly.

Often it is not the model that is wrong, but the label.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from PIL import Image

from mnist_trainer.drawing import BLUE, ORANGE, Picture, label

__all__ = ["Mistake", "draw_mistakes", "find_mistakes"]

_MOST: Final = 32
_COLUMNS: Final = 8
_CELL: Final = 96
_SIDE: Final = 84
"""Pixels that an image gets along its longer edge."""
_CAPTION: Final = 64
_GAP: Final = 4
_TITLE: Final = 36
_MARGIN: Final = 12

_COLOURED: Final = 3
_DIMENSIONS: Final = 3
_BRIGHTEST: Final = 255


@dataclass(frozen=True, slots=True)
class Mistake:
    """A test image that the model takes for something else."""

    image: int
    """Its place in the test split."""
    true: int
    predicted: int
    sureness: float
    """The probability that the model gives to its answer."""


def find_mistakes(
    probabilities: np.ndarray, labels: np.ndarray, *, most: int = _MOST
) -> list[Mistake]:
    """Find the wrong answers that the model is surest of, the surest first."""
    answers, sureness = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(answers != labels)
    worst = wrong[np.argsort(-sureness[wrong], kind="stable")[:most]]
    return [
        Mistake(int(at), int(labels[at]), int(answers[at]), float(sureness[at]))
        for at in worst
    ]


def draw_mistakes(
    images: Any, mistakes: Sequence[Mistake], names: Sequence[str]
) -> bytes:
    """Draw the images side by side, what each is and what it was taken for, as PNG.

    Args:
        images: (count, height, width) or (count, height, width, channels), 0..255.
            Of two channels the first is shown, in grey; of four the first three.
        mistakes: which of the images, at most some dozens.
        names: of the classes, in their order.

    """
    rows = max(1, -(-len(mistakes) // _COLUMNS))
    picture = Picture(
        2 * _MARGIN + _COLUMNS * _CELL,
        _TITLE + rows * (_CELL + _CAPTION) + _MARGIN,
        letters=12,
    )
    title = "What it is; what the model said, and how sure it was of that."
    picture.write((_MARGIN, _MARGIN), title if mistakes else "No mistakes at all.")
    for number, mistake in enumerate(mistakes):
        row, column = divmod(number, _COLUMNS)
        corner = (_MARGIN + column * _CELL, _TITLE + row * (_CELL + _CAPTION))
        _draw_mistake(picture, images[mistake.image], mistake, names, corner)
    return picture.to_png()


def _draw_mistake(
    picture: Picture,
    pixels: Any,
    mistake: Mistake,
    names: Sequence[str],
    corner: tuple[int, int],
) -> None:
    left, top = corner
    shown = _to_image(pixels)
    place = (left + (_SIDE - shown.width) // 2, top + (_SIDE - shown.height) // 2)
    picture.image.paste(shown, place)
    middle = left + _SIDE / 2
    true = label(names[mistake.true], mistake.true)
    said = label(names[mistake.predicted], mistake.predicted)
    lines = (
        (f"is {true}", BLUE),
        (f"said {said}", ORANGE),
        (f"{mistake.sureness:.0%} sure", ORANGE),
    )
    for number, (line, colour) in enumerate(lines):
        text = picture.fit(line, _CELL - _GAP)
        picture.write((middle, top + _SIDE + 4 + 16 * number), text, colour, "ma")


def _to_image(pixels: Any) -> Image.Image:
    """Show an image of any size and of one to four channels in the same square."""
    values = np.clip(np.asarray(pixels), 0, _BRIGHTEST).astype(np.uint8)
    if values.ndim == _DIMENSIONS:
        coloured = values.shape[-1] >= _COLOURED
        values = values[:, :, :_COLOURED] if coloured else values[:, :, 0]
    image = Image.fromarray(np.ascontiguousarray(values))
    scale = _SIDE / max(image.size)
    size = tuple(max(1, round(edge * scale)) for edge in image.size)
    # Enlarged, pixels stay squares that one can count; reduced, none is left out.
    way = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.BOX
    return image.resize(size, way)

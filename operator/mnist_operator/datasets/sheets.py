"""A picture before it is drawn: boxes, texts and photos with their places. Pure.

All measures are pixels, from the left and the upper edge; `svg` and `png` draw it.
"""

from dataclasses import dataclass
from typing import Final, Literal

from mnist_operator.datasets.picking import Image

__all__ = [
    "AFTER",
    "BEFORE",
    "FAINT",
    "INK",
    "PAPER",
    "TEXT",
    "Box",
    "Colour",
    "Item",
    "Photo",
    "Sheet",
    "Words",
]

Colour = tuple[int, int, int]
"""Red, green and blue, 0..255."""

TEXT: Final = 14
"""The height of capitals."""
PAPER: Final = (255, 255, 255)
INK: Final = (30, 30, 36)
FAINT: Final = (110, 110, 120)
BEFORE: Final = (170, 176, 190)
AFTER: Final = (38, 98, 196)


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle."""

    x: int
    y: int
    width: int
    height: int
    colour: Colour


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; y is its upper edge."""

    x: int
    y: int
    text: str
    size: int = TEXT
    colour: Colour = INK
    anchor: Literal["left", "middle", "right"] = "left"


@dataclass(frozen=True, slots=True)
class Photo:
    """An image, each of its pixels `scale` wide and high."""

    x: int
    y: int
    scale: int
    image: Image


Item = Box | Words | Photo


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture before it is drawn."""

    title: str
    width: int
    height: int
    items: tuple[Item, ...]

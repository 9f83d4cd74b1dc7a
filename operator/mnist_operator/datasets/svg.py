"""Pictures as SVG, with texts that can be searched and images inside. Pure.

Light or dark, as their reader's other pages are.
"""

from base64 import b64encode
from collections.abc import Mapping
from html import escape
from typing import assert_never

from mnist_operator.datasets.png import encode
from mnist_operator.datasets.sheets import (
    AFTER,
    BEFORE,
    FAINT,
    INK,
    PAPER,
    Box,
    Colour,
    Item,
    Photo,
    Sheet,
    Words,
)

__all__ = ["render"]

_ANCHORS = {"left": "start", "middle": "middle", "right": "end"}
_DARK: Mapping[Colour, tuple[str, Colour]] = {
    PAPER: ("paper", (24, 33, 42)),
    INK: ("ink", (228, 234, 240)),
    FAINT: ("faint", (163, 177, 190)),
    BEFORE: ("before", (110, 124, 140)),
    AFTER: ("after", (106, 165, 245)),
}
"""By the colour of a light picture: what it is called, and what it is in the dark."""


def render(sheet: Sheet) -> str:
    """Draw a sheet; it needs nothing from outside."""
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" role="img"'
        f' width="{sheet.width}" height="{sheet.height}"'
        f' viewBox="0 0 {sheet.width} {sheet.height}">'
    )
    return "\n".join(
        [
            head,
            f"<title>{_text(sheet.title)}</title>",
            _style(),
            f'<rect width="100%" height="100%" {_filled(PAPER)}/>',
            *(_draw(item) for item in sheet.items),
            "</svg>\n",
        ]
    )


def _draw(item: Item) -> str:
    match item:
        case Box(x, y, width, height, colour):
            return (
                f'<rect x="{x}" y="{y}" width="{width}" height="{height}"'
                f" {_filled(colour)}/>"
            )
        case Words(x, y, text, size, colour, anchor):
            return (
                f'<text x="{x}" y="{y + size}" font-size="{size + 2}"'
                f' font-family="monospace" {_filled(colour)}'
                f' text-anchor="{_ANCHORS[anchor]}">{_text(text)}</text>'
            )
        case Photo(x, y, scale, image):
            data = b64encode(encode(image)).decode()
            return (
                f'<image x="{x}" y="{y}" width="{image.width * scale}"'
                f' height="{image.height * scale}" style="image-rendering:pixelated"'
                f' href="data:image/png;base64,{data}"/>'
            )
        case _:
            assert_never(item)


def _style() -> str:
    rules = "".join(f".{name}{{fill:{_hex(dark)}}}" for name, dark in _DARK.values())
    return f"<style>@media (prefers-color-scheme:dark){{{rules}}}</style>"


def _filled(colour: Colour) -> str:
    """The attributes of what has this colour."""
    name, _ = _DARK.get(colour, ("", colour))
    called = f' class="{name}"' if name else ""
    return f'fill="{_hex(colour)}"{called}'


def _hex(colour: Colour) -> str:
    return "#" + bytes(colour).hex()


def _text(text: str) -> str:
    """Without what XML has no way to write."""
    return escape("".join(c if c.isprintable() else "?" for c in text))

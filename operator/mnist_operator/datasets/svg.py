"""Pictures as SVG, with texts that can be searched and images inside. Pure."""

from base64 import b64encode
from html import escape
from typing import assert_never

from mnist_operator.datasets.png import encode
from mnist_operator.datasets.sheets import Box, Item, Photo, Sheet, Words

__all__ = ["render"]

_ANCHORS = {"left": "start", "middle": "middle", "right": "end"}


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
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            *(_draw(item) for item in sheet.items),
            "</svg>\n",
        ]
    )


def _draw(item: Item) -> str:
    match item:
        case Box(x, y, width, height, colour):
            return (
                f'<rect x="{x}" y="{y}" width="{width}" height="{height}"'
                f' fill="{_hex(colour)}"/>'
            )
        case Words(x, y, text, size, colour, anchor):
            return (
                f'<text x="{x}" y="{y + size}" font-size="{size + 2}"'
                f' font-family="monospace" fill="{_hex(colour)}"'
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


def _hex(colour: tuple[int, int, int]) -> str:
    return "#" + bytes(colour).hex()


def _text(text: str) -> str:
    """Without what XML has no way to write."""
    return escape("".join(c if c.isprintable() else "?" for c in text))

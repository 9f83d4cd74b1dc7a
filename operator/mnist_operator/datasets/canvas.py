"""A sheet as pixels. Pure."""

from typing import assert_never

from mnist_operator.datasets.font import HEIGHT, WIDTH, glyph
from mnist_operator.datasets.picking import Image
from mnist_operator.datasets.sheets import Box, Colour, Photo, Sheet, Words

__all__ = ["paint"]

_WHITE = 255


class _Canvas:
    """Pixels, three bytes each; what lies outside is not drawn."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.rows = [bytearray([_WHITE]) * (width * 3) for _ in range(height)]

    def fill(self, box: Box) -> None:
        left, right = max(box.x, 0), min(box.x + box.width, self.width)
        if left < right:
            line = bytes(box.colour) * (right - left)
            for row in self.rows[max(box.y, 0) : max(box.y + box.height, 0)]:
                row[left * 3 : right * 3] = line

    def write(self, words: Words) -> None:
        scale = max(words.size // HEIGHT, 1)
        step = (WIDTH + 1) * scale
        length = len(words.text) * step - scale
        at = words.x - {"left": 0, "middle": length // 2, "right": length}[words.anchor]
        for position, character in enumerate(words.text):
            self._letter(character, at + position * step, words.y, scale, words.colour)

    def _letter(
        self, character: str, x: int, y: int, scale: int, colour: Colour
    ) -> None:
        for down, row in enumerate(glyph(character)):
            for right, dot in enumerate(row):
                if dot:
                    place = (x + right * scale, y + down * scale)
                    self.fill(Box(*place, scale, scale, colour))

    def paste(self, photo: Photo) -> None:
        for down, line in enumerate(_scaled(photo.image, photo.scale)):
            top = photo.y + down * photo.scale
            for row in self.rows[top : top + photo.scale]:
                row[photo.x * 3 : photo.x * 3 + len(line)] = line


def _scaled(image: Image, scale: int) -> list[bytes]:
    """Its rows in three channels, each pixel as often as it is wide."""
    times = scale * (3 if image.channels == 1 else 1)
    size = image.channels
    pixels = [
        image.content[at : at + size] * times
        for at in range(0, len(image.content), size)
    ]
    width = image.width
    return [b"".join(pixels[at : at + width]) for at in range(0, len(pixels), width)]


def paint(sheet: Sheet) -> bytes:
    """All its rows, three bytes for a pixel, on white."""
    canvas = _Canvas(sheet.width, sheet.height)
    for item in sheet.items:
        match item:
            case Box():
                canvas.fill(item)
            case Words():
                canvas.write(item)
            case Photo():
                canvas.paste(item)
            case _:
                assert_never(item)
    return b"".join(canvas.rows)

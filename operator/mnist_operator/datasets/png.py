"""Pictures as PNG: a few chunks around what zlib makes of the rows. Pure.

Format: https://www.w3.org/TR/png-3/. 8 bits for a channel, no interlacing, no filter.
"""

import struct
import zlib

from mnist_operator.datasets.canvas import paint
from mnist_operator.datasets.picking import Image
from mnist_operator.datasets.sheets import Sheet

__all__ = ["encode", "render"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES = {1: 0, 3: 2}
"""Grey and RGB, by the number of channels."""


def render(sheet: Sheet) -> bytes:
    """Draw a sheet; equal sheets are equal bytes with the same zlib."""
    return encode(Image(sheet.width, sheet.height, 3, paint(sheet)))


def encode(image: Image) -> bytes:
    """One image as a whole file."""
    row = image.width * image.channels
    rows = (image.content[at : at + row] for at in range(0, row * image.height, row))
    raw = b"".join(b"\0" + each for each in rows)
    kind = _COLOUR_TYPES[image.channels]
    head = struct.pack(">IIBBBBB", image.width, image.height, 8, kind, 0, 0, 0)
    body = zlib.compress(raw, 9)
    parts = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return (
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
    )

"""For archives that somebody made on purpose: forged where the format can be.

A sound archive is changed at one to three places that mean something: a field of the
directory, a header's text, an entry's name or content, a byte or a length anywhere.
One seed decides it all.
"""

import io
import pickle
import random
import struct
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

__all__ = ["Trap", "forge", "sound_arrays"]

_NUMBERS = (0, 1, 7, 255, 1 << 15, (1 << 16) - 1, 1 << 31, (1 << 32) - 1)
_HUGE = (0, 1, 1 << 31, 1 << 32, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)

# Of each record of a zip archive: where its fields begin, and how long they are.
_FIELDS = {
    b"PK\x03\x04": ((4, 2), (6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2)),
    b"PK\x01\x02": (
        *((6, 2), (8, 2), (10, 2), (16, 4), (20, 4), (24, 4)),
        *((28, 2), (30, 2), (32, 2), (42, 4)),
    ),
    b"PK\x05\x06": ((4, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)),
}

_TYPES = ("|u1", "<i4", ">i4", ">f8", "<f2", "<f16", "|b1", "<c16", "<U3", "|O", "|V1")
_WORDS = (
    *("|u1' * 99", "(1,i4", "i4,i4", "<M8[ns]", "<U999999999", "a10", "\\x00", "{"),
    *("}", "(", ")", "'", "[", "L", "-", "9" * 20, "9" * 5000, "True", "None", "\n x"),
    *("__import__('os')", "fortran_order", "descr", "shape", ":", ",", "é", "\x00"),
)
_SHAPES = (
    *("(1000000000,)", "(1000000000, 28, 28)", "(-1, 8, 8)", "(4294967296,) * 9"),
    *("(6, 8, 8, 1)", "(6, 64)", "(6,)", "()", "(0, 8, 8)", "(18446744073709551615,)"),
    *(
        "(3, 16, 8)",
        "(6)",
        "(True, 8, 8)",
        "(6.0, 8, 8)",
        "(6L, 8L, 8L)",
        "(6, 8, 8",
        "6",
    ),
)
_NAMES = (
    *("x_train.npy", "y_train.npy", "x_test.npy", "class_names.npy", "X_TRAIN.NPY"),
    *("../x_train.npy", "/etc/passwd", "x_train.npy/", "C:\\x_train.npy", ""),
    *(
        "x_train",
        "画像.npy",
        "x" * 999,
        "x_train.npy\x00.txt",
        "./y_train.npy",
        "\udc80",
    ),
)


class Trap:
    """Would leave a file behind where anybody unpickles it."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


def sound_arrays() -> dict[str, np.ndarray]:
    """Six small images of two classes, one of which is to test with."""
    images = np.random.default_rng(1).integers(0, 256, (7, 8, 8), np.uint8)
    return {
        "x_train": images[:6],
        "y_train": np.array([0, 0, 1, 1, 1, 0], np.uint8),
        "x_test": images[6:],
        "y_test": np.array([1], np.uint8),
        "class_names": np.array(["one", "two"]),
    }


def forge(seed: int, mark: Path, count: int) -> Iterator[tuple[int, bytes]]:
    """Forge archives, each with the number that brings it back."""
    traps = (_pickled(mark), pickle.dumps(Trap(mark)))
    for number in range(seed, seed + count):
        chance = random.Random(number)  # noqa: S311 (it keeps no secret)
        content = _archive(chance, traps)
        for _ in range(chance.choice((0, 0, 1, 1, 2))):
            content = chance.choice(_DAMAGES)(chance, content)
        yield number, content


def _pickled(mark: Path) -> bytes:
    """What numpy.save writes of an array of objects: a header, and a pickle."""
    file = io.BytesIO()
    np.save(file, np.array([Trap(mark)] * 6, dtype=object), allow_pickle=True)
    return file.getvalue()


def _archive(chance: random.Random, traps: tuple[bytes, ...]) -> bytes:
    file = io.BytesIO()
    packing = chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(file, "w", packing) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile's, of names that are there twice.
        for name, array in _some(chance):
            entry = f"{name}.npy"
            content = _saved(chance, array)
            if chance.random() < 0.08:
                content = chance.choice(_HEADERS)(chance, content)
            if chance.random() < 0.03:
                content = chance.choice((*traps, b"", content * 2))
            if chance.random() < 0.03:
                entry = chance.choice(_NAMES)
            _write(archive, entry, content, large=chance.random() < 0.1)
    return file.getvalue()


def _some(chance: random.Random) -> list[tuple[str, np.ndarray]]:
    """Mostly all arrays once, now and then some less or one twice."""
    found = list(sound_arrays().items())
    if chance.random() < 0.05:
        found.append(chance.choice(found))
    if chance.random() < 0.2:
        del found[2:4]
    if chance.random() < 0.05:
        found.remove(chance.choice(found))
    return found


def _saved(chance: random.Random, array: np.ndarray) -> bytes:
    if array.dtype.kind == "u" and chance.random() < 0.3:
        kinds = (">i2", "<i8", ">u4", "|i1") + ("<f4", ">f8", "<f2") * (array.ndim > 1)
        array = array.astype(chance.choice(kinds))
    file = io.BytesIO()
    version = chance.choice(((1, 0), (1, 0), (2, 0), (3, 0)))
    order = chance.choice("CCF")
    np.lib.format.write_array(file, np.asarray(array, order=order), version=version)
    return file.getvalue()


def _write(
    archive: zipfile.ZipFile, entry: str, content: bytes, *, large: bool
) -> None:
    try:
        with archive.open(entry, "w", force_zip64=large) as file:
            file.write(content)
    except (UnicodeEncodeError, ValueError):
        archive.writestr("unwritable", content)


def _reword(chance: random.Random, content: bytes) -> bytes:
    """Put something else into the text of a header."""
    begin, end = _find_text(content)
    text = content[begin:end].decode("latin-1")
    place = chance.randrange(len(text.rstrip()))
    gone = chance.choice((0, 0, 1, 5))
    word = chance.choice(_WORDS)
    return _with_text(content, text[:place] + word + text[place + gone :])


def _reshape(chance: random.Random, content: bytes) -> bytes:
    return _replace(content, "'shape': ", chance.choice(_SHAPES))


def _retype(chance: random.Random, content: bytes) -> bytes:
    return _replace(content, "'descr': ", repr(chance.choice(_TYPES + _WORDS)))


def _replace(content: bytes, key: str, value: str) -> bytes:
    """Give an entry of a header another value."""
    begin, end = _find_text(content)
    text = content[begin:end].decode("latin-1")
    head, _, rest = text.partition(key)
    stop = rest.find(")") + 1 if rest.startswith("(") else rest.find(",")
    return _with_text(content, head + key + value + rest[stop:])


def _relength(chance: random.Random, content: bytes) -> bytes:
    """Let the header be longer than anything, or of no version that there is."""
    changed = bytearray(content)
    changed[chance.randrange(6, 10)] = chance.choice((0, 1, 2, 3, 4, 127, 255))
    return bytes(changed)


def _find_text(content: bytes) -> tuple[int, int]:
    wide = content[6] > 1
    begin = 12 if wide else 10
    return begin, begin + int.from_bytes(content[8:begin], "little")


def _with_text(content: bytes, text: str) -> bytes:
    begin, end = _find_text(content)
    new = text.encode("utf-8")
    length = len(new).to_bytes(begin - 8, "little")
    return content[:8] + length + new + content[end:]


def _cut(chance: random.Random, content: bytes) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _flip(chance: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 4)) if content else 0):
        changed[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _lie(chance: random.Random, content: bytes) -> bytes:
    """Write another number into a field of one of the archive's own records."""
    signature = chance.choice(tuple(_FIELDS))
    place = _find(chance, content, signature)
    offset, size = chance.choice(_FIELDS[signature])
    value = chance.choice(_NUMBERS) & ((1 << 8 * size) - 1)
    start = place + offset
    new = value.to_bytes(size, "little")
    return content[:start] + new + content[start + size :]


def _lie_at_length(chance: random.Random, content: bytes) -> bytes:
    """Give an entry a size or a place of 64 bits, in the extra field for that."""
    place = _find(chance, content, b"PK\x01\x02")
    if len(content) < place + 46:
        return content
    name, extra = struct.unpack_from("<HH", content, place + 28)
    which = chance.choice((20, 24, 42))
    field = struct.pack("<HHQ", 1, 8, chance.choice(_HUGE))
    changed = bytearray(content)
    changed[place + which : place + which + 4] = b"\xff" * 4
    changed[place + 30 : place + 32] = struct.pack("<H", (extra + 12) & 0xFFFF)
    changed[place + 46 + name : place + 46 + name] = field
    end = changed.rfind(b"PK\x05\x06")
    if 0 <= end <= len(changed) - 16:
        (size,) = struct.unpack_from("<I", changed, end + 12)
        struct.pack_into("<I", changed, end + 12, (size + 12) & 0xFFFFFFFF)
    return bytes(changed)


def _shift(chance: random.Random, content: bytes) -> bytes:
    """Repeat, drop or insert a piece: entries overlap, or lie elsewhere."""
    start = chance.randrange(len(content) + 1)
    piece = content[start : start + chance.choice((1, 30, 300))]
    new = chance.choice((b"", piece * 2, b"\x00" * len(piece), b"PK\x05\x06" + piece))
    return content[:start] + new + content[start + len(piece) :]


def _find(chance: random.Random, content: bytes, signature: bytes) -> int:
    """Find one of the records, or the beginning."""
    places = [
        place for place in range(len(content)) if content.startswith(signature, place)
    ]
    return chance.choice(places or [0])


_HEADERS = (_reword, _reword, _reshape, _retype, _relength)
_DAMAGES = (_cut, _flip, _lie, _lie, _lie_at_length, _shift)

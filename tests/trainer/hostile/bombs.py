"""For archives of a few kilobytes that would take a gigabyte, or say so."""

import io
import struct
import zipfile
from pathlib import Path

import numpy as np

from mnist_trainer.data import LARGEST_FILE
from trainer.broken_archives import claiming
from trainer.samples import pack, some_of

__all__ = ["SIZE", "write_bombs"]

SIZE = 48 << 20
"""Bytes that each inflates to: more than twice what its reader may take."""

_IMAGES = SIZE >> 16
_SHAPE = f"({_IMAGES}, 256, 256)"
_DIRECTORY = struct.Struct("<4s4B4HL2L5H2L")


def write_bombs(folder: Path, sound: dict[str, np.ndarray]) -> None:
    """Write all of them, named after what they do."""
    labels = np.arange(_IMAGES) % 2
    _zeros(folder / "inflates", x_train=claiming(_SHAPE), y_train=labels)
    fortran = claiming(_SHAPE).replace(b"False", b" True")
    _zeros(folder / "inflates-in-Fortrans-order", x_train=fortran, y_train=labels)
    _zeros(folder / "inflates-beside", beside=b"", **sound)
    endless = b"\x93NUMPY\x02\x00" + struct.pack("<I", SIZE)
    _zeros(folder / "header-without-end", x_train=endless, y_train=labels)
    short = folder / "inflates-to-more-than-it-says"
    _zeros(short, x_train=claiming("(6, 256, 256)"), y_train=labels[:6])
    _say_size(short, len(claiming("(6, 256, 256)")) + 6 * 65536)
    _boast(folder / "says-the-most", LARGEST_FILE - (1 << 20))
    _boast(folder / "says-too-much", LARGEST_FILE)
    _crowd(folder / "many-entries", 18_000, pack(sound))
    _crowd(folder / "too-many-entries", 1_000_000, pack(sound))
    inner = pack({"x": np.frombuffer(pack(sound), np.uint8)})
    (folder / "nested").write_bytes(pack({"x": np.frombuffer(inner, np.uint8)}))
    _overlap(folder / "overlapping", pack(some_of(sound, "x_train", "y_train")))


def _zeros(path: Path, **contents: object) -> None:
    """Pack arrays; what is given as bytes goes on with zeros."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in contents.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                if isinstance(content, np.ndarray):
                    np.save(file, content)
                    continue
                file.write(content)
                for _ in range(SIZE >> 20):
                    file.write(bytes(1 << 20))


def _say_size(path: Path, size: int) -> None:
    """Let the directory say that the first entry has so many bytes."""
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, content.index(b"PK\x01\x02") + 24, size)
    path.write_bytes(content)


def _boast(path: Path, size: int) -> None:
    """Images of so many bytes that nobody has ever seen."""
    images = size >> 16
    header = claiming(f"({images}, 256, 256)")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x_train.npy", header)
        archive.getinfo("x_train.npy").file_size = len(header) + (images << 16)
        labels = io.BytesIO()
        np.save(labels, np.arange(images) % 2)
        archive.writestr("y_train.npy", labels.getvalue())


def _crowd(path: Path, count: int, content: bytes) -> None:
    """Write so many further entries into the directory, all of them empty."""
    further = b"".join(
        _DIRECTORY.pack(
            *(b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 33, 0, 0, 0),
            *(len(name), 0, 0, 0, 0, 0, 0),
        )
        + name
        for name in (b"%x" % number for number in range(count))
    )
    end = content.rindex(b"PK\x05\x06")
    size, place = struct.unpack_from("<LL", content, end + 12)
    total = min(count + 4, 0xFFFF)
    told = struct.pack("<4H2LH", 0, 0, total, total, size + len(further), place, 0)
    path.write_bytes(content[:end] + further + b"PK\x05\x06" + told)


def _overlap(path: Path, content: bytes) -> None:
    """Let a thousand further entries be made of the bytes of the first."""
    start = content.index(b"PK\x01\x02")
    end = content.rindex(b"PK\x05\x06")
    length = struct.unpack_from("<H", content, start + 28)[0]
    first = content[start : start + 46]
    copies = b"".join(first + f"{number:0{length}}".encode() for number in range(1000))
    extra = struct.unpack_from("<HH", content, start + 30)
    assert extra == (0, 0)
    size, place = struct.unpack_from("<LL", content, end + 12)
    told = struct.pack("<4H2LH", 0, 0, 1002, 1002, size + len(copies), place, 0)
    path.write_bytes(content[:end] + copies + b"PK\x05\x06" + told)

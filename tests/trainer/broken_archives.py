"""For archives that numpy would not write: damaged, forged, or written by hand."""

import io
import math
import struct
import warnings
import zipfile

import numpy as np

from mnist_trainer.data import LARGEST_FILE
from trainer.samples import arrays, pack

TOO_MANY = LARGEST_FILE // 784 + 1
"""Images of 28 x 28 that are a few bytes more than anybody may push."""


def entries(packing=zipfile.ZIP_DEFLATED, **written):
    """An archive with some entries written by hand."""
    kept = zipfile.ZipFile(io.BytesIO(pack(arrays(**dict.fromkeys(written, 0)))))
    new = io.BytesIO()
    with zipfile.ZipFile(new, "w", packing) as archive:
        for entry in kept.namelist():
            name = entry.removesuffix(".npy")
            archive.writestr(entry, written.get(name, kept.read(entry)))
    return new.getvalue()


def npy(header, body=b""):
    """An array with a header written by hand."""
    text = f"{header}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + body


def claiming(shape, body=b"", kind="|u1"):
    """An array that says it has a shape."""
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}}}"
    return npy(header, body)


def damaged():
    """One bit of an array's packed bytes turned over."""
    file = io.BytesIO()
    np.savez(file, **arrays())
    content = bytearray(file.getvalue())
    content[len(content) // 2] ^= 1
    return bytes(content)


def encrypted(content):
    """The same archive, whose directory says that its first entry is encrypted."""
    changed = bytearray(content)
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        changed[changed.index(signature) + place] |= 1
    return bytes(changed)


def doubled():
    """An archive with two arrays of one name, of which readers take either."""
    file = io.BytesIO(pack(arrays()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(file, "a") as archive:
            archive.writestr("x_train.npy", claiming("(1, 28, 28)", bytes(784)))
    return file.getvalue()


def swallowing(content):
    """The same archive, where the entry before the last has the last as a comment."""
    changed = bytearray(content)
    last = changed.rindex(b"PK\x01\x02")
    before = changed.rindex(b"PK\x01\x02", 0, last)
    length = changed.rindex(b"PK\x05\x06") - last
    struct.pack_into("<H", changed, before + 32, length)
    return bytes(changed)


def beyond(content):
    """The same archive, whose first entry begins after 2**63 bytes."""
    changed = bytearray(content)
    entry = changed.index(b"PK\x01\x02")
    name = struct.unpack_from("<H", changed, entry + 28)[0]
    struct.pack_into("<H", changed, entry + 30, 12)
    struct.pack_into("<L", changed, entry + 42, 0xFFFFFFFF)
    place = entry + 46 + name
    changed[place:place] = struct.pack("<HHQ", 1, 8, 1 << 63)
    end = changed.rindex(b"PK\x05\x06")
    struct.pack_into("<L", changed, end + 12, end - entry)
    return bytes(changed)


def crowded():
    """An archive with more entries than anybody has memory for."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(500):
            archive.writestr(f"{number:09000}.npy", b"")
    return file.getvalue()


def too_large():
    """What a file of 4.3 GB says of itself, in a few bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, each in (("x_train", (28, 28)), ("y_train", ())):
            content = claiming((TOO_MANY, *each))
            archive.writestr(f"{name}.npy", content)
            size = len(content) + TOO_MANY * math.prod(each)
            archive.getinfo(f"{name}.npy").file_size = size
    return file.getvalue()

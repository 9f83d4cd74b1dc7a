"""Data sets in NumPy's format, made without NumPy."""

import io
import itertools
import struct
import zipfile

__all__ = ["dataset", "fortran", "header", "npy", "npz", "pixels"]


def header(descr="|u1", shape=(0,), *, fortran=False):
    """The text that NumPy writes."""
    return (
        f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {tuple(shape)}, }}"
    )


def npy(values, descr="|u1", shape=(0,), *, fortran=False, version=1, text=None):
    """An array's file; with ``text``, a header of one's own."""
    text = (text or header(descr, shape, fortran=fortran)) + "\n"
    code = "<H" if version == 1 else "<I"
    encoded = text.encode()
    start = b"\x93NUMPY" + bytes([version, 0]) + struct.pack(code, len(encoded))
    return start + encoded + values


def npz(packing=zipfile.ZIP_DEFLATED, **arrays):
    """An archive, to be read from its beginning."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, content in arrays.items():
            archive.writestr(f"{name}.npy", content)
    file.seek(0)
    return file


def dataset(train=(), test=(), *, shape=(2, 2), names=None):
    """Samples as (image, label), where an image is a number or its bytes."""
    arrays = {}
    for part, samples in (("train", train), ("test", test)):
        if samples:
            images = b"".join(pixels(image, shape) for image, _ in samples)
            labels = bytes(label for _, label in samples)
            whole = (len(samples), *shape)
            arrays[f"x_{part}"] = npy(images, shape=whole)
            arrays[f"y_{part}"] = npy(labels, shape=(len(samples),))
    if names:
        size = max(map(len, names))
        text = "".join(name.ljust(size, "\0") for name in names)
        arrays["class_names"] = npy(
            text.encode("utf-32-le"), f"<U{size}", (len(names),)
        )
    return npz(**arrays)


def pixels(image, shape=(2, 2)):
    """A number as an image that no other number is."""
    if isinstance(image, bytes):
        return image
    size = 1
    for length in shape:
        size *= length
    return (image + 1).to_bytes(size, "big")


def fortran(images, shape, size=1):
    """The values of images, each in C's order, as an array in Fortran's has them."""
    whole = (len(images), *shape)
    found = []
    # The first axis changes fastest, so the last one is in the outermost loop.
    for place in itertools.product(*map(range, reversed(whole))):
        each, *rest = reversed(place)
        at = 0
        for length, index in zip(shape, rest, strict=True):
            at = at * length + index
        found.append(images[each][at * size : (at + 1) * size])
    return b"".join(found)

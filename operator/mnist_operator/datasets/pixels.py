"""One image as bytes that do not depend on how it was saved. Pure.

The trainer keeps whole numbers as bytes and joins bytes with float32, so an image
saved as `uint8`, as big-endian `int32` or as `float64` is one and the same to a model.
"""

import hashlib
import struct
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from mnist_operator.datasets.headers import Dtype
from mnist_operator.datasets.refusals import NoDatasetError

__all__ = [
    "DIGEST_BYTES",
    "Normalise",
    "digest",
    "normaliser",
    "refuse_type",
    "to_bytes",
    "unpack",
]

Normalise = Callable[[bytes], bytes]
"""From the values of an image as they were saved, in C's order, to its own form: a
byte for each where all are whole numbers 0..255, else a little-endian float32 each."""

DIGEST_BYTES: Final = 16
_CODES: Final = {
    ("b", 1): "B",
    ("u", 1): "B",
    ("u", 2): "H",
    ("u", 4): "I",
    ("u", 8): "Q",
    ("i", 1): "b",
    ("i", 2): "h",
    ("i", 4): "i",
    ("i", 8): "q",
    ("f", 2): "e",
    ("f", 4): "f",
    ("f", 8): "d",
}
"""For `struct`, by NumPy's kind and size."""
_WHOLE: Final = {float(each): each for each in range(256)}


def digest(image: bytes, shape: Sequence[int]) -> bytes:
    """BLAKE2b over an image's own form; its shape, as (28, 28, 1), is the person."""
    person = "x".join(map(str, shape)).encode()
    return hashlib.blake2b(image, digest_size=DIGEST_BYTES, person=person).digest()


def unpack(raw: bytes, dtype: Dtype) -> tuple[float, ...]:
    """All values as Python's numbers."""
    order = ">" if dtype.big_endian else "<"
    code = _CODES[dtype.kind, dtype.size]
    return struct.unpack(f"{order}{len(raw) // dtype.size}{code}", raw)


def normaliser(dtype: Dtype) -> Normalise:
    """Choose how images of a type take their own form, once for all of them.

    Raises:
        NoDatasetError: These are no numbers, or none that are known here.
    """
    refuse_type(dtype, "buif")
    if dtype.kind == "f":
        return partial(_floats, dtype)
    if dtype.kind == "i" and dtype.size == 1:
        return partial(_signed, dtype)
    return partial(_integers, dtype) if dtype.size > 1 else bytes


def refuse_type(dtype: Dtype, kinds: str) -> None:
    """Refuse what is no number of one of NumPy's kinds.

    Raises:
        NoDatasetError: It is none.
    """
    if dtype.kind not in kinds or (dtype.kind, dtype.size) not in _CODES:
        raise NoDatasetError(
            f"it has the type {dtype.text}: save it with astype('uint8')"
        )


def to_bytes(image: bytes, pixels: int) -> bytes:
    """A byte for each value, to be looked at: cut off below 0 and above 255.

    Images that were divided by 255 are shown as they were before.
    """
    if len(image) == pixels:
        return image
    values = [0.0 if each != each else each for each in _of_float32(image)]  # noqa: PLR0124 - NaN
    scale = 255 if max(values) <= 1 else 1
    return bytes(round(min(max(each * scale, 0), 255)) for each in values)


def _of_float32(image: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{len(image) // 4}f", image)


def _signed(dtype: Dtype, raw: bytes) -> bytes:
    """One signed byte each: the same as unsigned unless one is negative."""
    return raw if raw.isascii() else _float32(unpack(raw, dtype))


def _integers(dtype: Dtype, raw: bytes) -> bytes:
    """Whole numbers of several bytes, of which all but the lowest are mostly 0."""
    low = raw[dtype.size - 1 if dtype.big_endian else 0 :: dtype.size]
    others = len(raw) - len(low)
    if raw.count(0) - low.count(0) == others:
        return low
    return _float32(unpack(raw, dtype))


def _floats(dtype: Dtype, raw: bytes) -> bytes:
    values = unpack(raw, dtype)
    try:
        return bytes(map(_WHOLE.__getitem__, values))
    except KeyError:
        return _float32(values)


def _float32(values: Sequence[float]) -> bytes:
    try:
        # Adding 0.0 makes one zero of the two that there are.
        return struct.pack(f"<{len(values)}f", *(each + 0.0 for each in values))
    except OverflowError as error:
        raise NoDatasetError(
            "it holds values beyond float32: give brightness as 0..255"
        ) from error

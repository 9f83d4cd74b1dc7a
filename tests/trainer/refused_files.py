"""Files that are no archives of images, and what the trainer has to say of each."""

import zipfile

import numpy as np
import pytest

from trainer.broken_archives import (
    TOO_MANY,
    beyond,
    claiming,
    crowded,
    damaged,
    doubled,
    encrypted,
    entries,
    npy,
    swallowing,
    too_large,
)
from trainer.samples import arrays, pack

NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight"]
"""One too few."""


def case(name, content, found, remedy):
    return pytest.param(content, found, remedy, id=name)


def changed(**arrays_to_change):
    return pack(arrays(**arrays_to_change))


def _without(*names):
    return pack({key: value for key, value in arrays().items() if key not in names})


_SOUND = pack(arrays())

FILES = [
    case("an-empty-file", b"", "the file is empty", "push"),
    case("a-web-page", b"<html>", "no .npz archive", "numpy.savez"),
    case("a-truncated-archive", _SOUND[:-100], "no .npz archive", "numpy.savez"),
    case("a-beheaded-archive", _SOUND[100:], "cannot be read", "anew"),
    case("bit-rot", damaged(), "is damaged", "push the archive again"),
    case("an-encrypted-entry", encrypted(_SOUND), "is encrypted", "without a"),
    case("a-crowd-of-entries", crowded(), "more entries", "numpy.savez"),
    case(
        "an-archive-in-an-archive",
        pack({"mnist": np.frombuffer(_SOUND, np.uint8)}),
        "x_train.npy is missing, the archive holds mnist.npy",
        "savez",
    ),
    case(
        "an-entry-that-numpy-would-not-write",
        entries(zipfile.ZIP_LZMA),
        "packed with method 14",
        "numpy.savez",
    ),
    case(
        "a-directory-that-swallows-an-entry",
        swallowing(_SOUND),
        "3 entries, and 4",
        "savez",
    ),
    case("an-array-twice", doubled(), "in the archive 2 times", "each array once"),
    case("no-images", _without("x_train"), "x_train.npy is missing", "savez"),
    case("no-labels", _without("y_train"), "y_train.npy is missing", "savez"),
    case("no-test-labels", _without("y_test"), "y_test.npy is missing", "savez"),
    case("no-test-images", _without("x_test"), "x_test.npy is missing", "savez"),
    case(
        "nothing-to-train-on",
        _without("x_train", "y_train"),
        "x_train.npy is missing",
        "images to train on",
    ),
    case(
        "other-keys", pack({"images": np.zeros(3)}), "holds images.npy", "x_train=..."
    ),
    case(
        "a-name-that-would-break-the-log",
        pack({"images\n\x1b[2J": np.zeros(3)}),
        "holds images??[2J.npy",
        "x_train=...",
    ),
]
"""Files that are no archives, or hold other things."""

HEADERS = [
    case(
        "pickled-images",
        changed(x_train=np.array([[[{}]]], dtype=object)),
        "x_train holds Python objects",
        "astype",
    ),
    case(
        "pickled-labels",
        changed(y_test=np.array([{}] * 20, dtype=object)),
        "y_test holds Python objects",
        "astype",
    ),
    case(
        "pickled-names",
        changed(class_names=np.array(NAMES, dtype=object)),
        "class_names holds Python objects",
        "astype(str)",
    ),
    case(
        "a-header-that-promises-more-than-there-is",
        entries(x_train=claiming(f"({TOO_MANY}, 28, 28)", b"few")),
        "promises",
        "write it anew",
    ),
    case(
        "a-header-that-would-overflow",
        entries(x_train=claiming("(9999999999, 9999999999, 28)")),
        "promises",
        "write it anew",
    ),
    case(
        "a-header-with-a-number-beyond-printing",
        entries(x_train=claiming(f"({'9' * 4000}, {'9' * 4000}, 28)")),
        "a shape that no array has",
        "write it anew",
    ),
    case(
        "a-header-beyond-reading",
        entries(x_train=b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + b" " * 70_000),
        "cannot be read",
        "write it anew",
    ),
    case("an-archive-too-large", too_large(), "the limit is", "astype('uint8')"),
    case("negative", entries(x_train=claiming("(-1, 28, 28)")), "negative", "anew"),
    case(
        "bytes-after-the-array",
        entries(x_train=claiming("(1, 28, 28)", b"x" * 9999)),
        "holds 9999",
        "write it anew",
    ),
    case("no-array", entries(x_train=b"not an array"), "cannot be read", "anew"),
    case(
        "code-in-a-header",
        entries(x_train=npy("__import__('os').abort()")),
        "cannot be read",
        "anew",
    ),
    case("a-cut-header", entries(x_train=npy("{'descr': (((")), "cannot be", "anew"),
    case(
        "a-header-out-of-line",
        entries(x_train=npy("  x\n y\n  (")),
        "cannot be read",
        "anew",
    ),
    case(
        "a-type-that-is-no-type",
        entries(x_train=claiming("(1, 28, 28)", kind="(1,i4")),
        "its header has",
        "anew",
    ),
    case(
        "records",
        changed(x_train=np.zeros((60, 28, 28), [("grey", "u1")])),
        "its header has \"'descr': [('grey'",
        "anew",
    ),
    case(
        "a-format-of-the-future",
        entries(x_train=b"\x93NUMPY\x09\x00" + bytes(100)),
        "version (9, 0)",
        "anew",
    ),
    case("an-entry-beyond-the-file", beyond(_SOUND), "outside of it", "anew"),
    case("a-deep-header", entries(x_train=npy("(" * 9000)), "cannot be read", "anew"),
]
"""Headers that lie, or lead somewhere."""

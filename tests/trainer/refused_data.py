"""Archives that nobody should train on, and what the trainer has to say of each."""

import numpy as np

from trainer.broken_archives import claiming, entries
from trainer.refused_files import FILES, HEADERS, NAMES, case, changed
from trainer.samples import arrays, pack


def _pixels(value, kind="float32"):
    images = arrays()["x_train"].astype(kind)
    images[3, 14, 14] = value
    return changed(x_train=images)


def _images(*shape):
    return changed(x_train=np.full(shape, 7, np.uint8))


def _labels(values):
    return changed(y_train=np.asarray(values))


def _named(*names):
    return changed(class_names=np.array(names))


SHAPES = [
    case("flat-images", _images(60, 784), "shape (60, 784)", "(count, height, width)"),
    case("coloured-stacks", _images(60, 2, 9, 9, 3), "(60, 2, 9, 9, 3)", "reshape"),
    case(
        "channels-first",
        _images(60, 3, 28, 28),
        "(60, 3, 28, 28), channels first",
        "numpy.moveaxis(x_train, 1, -1)",
    ),
    case("five-channels", _images(60, 28, 28, 5), "5 channels", "1 to 4"),
    case("no-channels", _images(60, 28, 28, 0), "0 channels", "1 to 4"),
    case("tiny-images", _images(60, 7, 28), "7 x 28", "from 8"),
    case("large-images", _images(1, 28, 257), "28 x 257", "to 256"),
    case("empty-images", _images(0, 28, 28), "x_train is empty", "push"),
    case("a-label-over", _images(59, 28, 28), "59 images", "one label"),
    case(
        "two-sizes",
        changed(x_test=np.zeros((20, 14, 14), np.uint8)),
        "(28, 28) and x_test of (14, 14)",
        "one size",
    ),
    case(
        "nothing-to-test-with",
        changed(x_test=np.zeros((0, 28, 28), np.uint8), y_test=np.zeros(0, int)),
        "x_test is empty",
        "push",
    ),
    case("strings", changed(x_train=np.full((60, 28, 28), "7")), "<U1", "uint8"),
    case(
        "complex-numbers",
        changed(x_train=np.zeros((60, 28, 28), complex)),
        "complex128",
        "uint8",
    ),
    case("black-and-white", changed(x_train=arrays()["x_train"] > 99), "bool", "* 255"),
    case("one-hot-labels", _labels(np.eye(60)), "(60, 60)", "y_train.argmax(axis=1)"),
    case("a-single-label", _labels(7), "the shape ()", "(count,)"),
    case("fractional-labels", _labels([1.5] * 60), "float64", "uint8"),
    case("labels-in-words", _labels(["seven"] * 60), "<U5", "uint8"),
]
"""Arrays that are made for something else."""

VALUES = [
    case("blank", _images(60, 28, 28), "7 in every pixel", "differ"),
    case("nan", _pixels(np.nan), "NaN or infinity", "replace"),
    case("infinity", _pixels(np.inf), "NaN or infinity", "replace"),
    case("too-bright", _pixels(256, "int16"), "to 256", "0..255"),
    case("too-dark", _pixels(-1, "int16"), "from -1", "0..255"),
    case("far-too-bright", _pixels(1e300, "float64"), "to 1e+300", "0..255"),
    case(
        "images-that-are-rescaled-already",
        changed(x_train=arrays()["x_train"] / 255),
        "x_train holds values from 0.0 to 1.0",
        "multiply by 255",
    ),
    case(
        "test-images-that-are-rescaled-already",
        changed(x_test=(arrays()["x_test"] / 255).astype(np.float32)),
        "x_test holds values from 0.0 to 1.0",
        "multiply by 255",
    ),
    case("a-negative-label", _labels([-1, *range(59)]), "from -1", "from 0"),
    case("a-label-too-high", _labels(range(1000, 1060)), "to 1059", "999"),
    case(
        "a-label-beyond-all-bounds",
        _labels(np.array([2**64 - 1] * 60)),
        "to 18446744073709551615",
        "999",
    ),
    case("one-class", _labels([4] * 60), "one label 4", "two classes"),
    case("an-unknown", changed(y_test=np.full(20, 11)), "label 11", "every class"),
    case(
        "one-image-of-each-class-and-no-test-images",
        pack(
            {
                "x_train": arrays()["x_train"],
                "y_train": np.random.default_rng(1).permutation(60),
            }
        ),
        "one image of each class",
        "x_test and y_test",
    ),
]
"""Numbers that mean something else."""

NAMING = [
    case("too-few-names", _named(*NAMES), "has 9 names", "each of the 10 classes"),
    case("bytes-for-names", _named(*[b"a"] * 10), "type |S1", "dtype=str"),
    case("numbers-for-names", _named(*range(10)), "type int64", "dtype=str"),
    case("a-table-of-names", _named(*[NAMES] * 10), "(10, 9)", "one text for each"),
    case("an-empty-name", _named(*NAMES, ""), "class 9 ''", "printable"),
    case("a-blank-name", _named(*NAMES, "  "), "class 9 '  '", "printable"),
    case("a-name-with-a-bell", _named(*NAMES, "\a"), "'\\x07'", "printable"),
    case("a-name-twice", _named(*NAMES, "two"), "class 2 and class 9 'two'", "its own"),
    case("a-long-name", _named(*NAMES, "x" * 65), "65 characters", "1 to 64"),
    case(
        "names-without-room-for-a-letter",
        entries(class_names=claiming("(10,)", kind="<U0")),
        "0 characters",
        "1 to 64",
    ),
    case(
        "a-name-of-no-characters",
        entries(class_names=claiming("(10,)", b"\xff" * 40, "<U1")),
        "does not exist",
        "anew",
    ),
]
"""Names that cannot be the classes'."""

CASES = [*FILES, *HEADERS, *SHAPES, *VALUES, *NAMING]

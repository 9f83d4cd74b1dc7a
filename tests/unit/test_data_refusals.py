"""What is no set of labelled images is refused in one line, with file and remedy."""

import io
import struct

import pytest

from mnist_operator.datasets.refusals import NoDatasetError
from mnist_operator.datasets.surveys import survey
from unit.data_archives import npy, npz

X, Y = npy(bytes(12), shape=(3, 2, 2)), npy(bytes([3, 1, 2]), shape=(3,))


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"x": X}, "x_train.npy is missing, the archive holds x.npy: write it with"),
        ({}, "the archive holds nothing"),
        ({"x_train": X}, "y_train.npy is missing"),
        ({"y_test": Y}, "x_test.npy is missing"),
        (
            {"x_train": npy(bytes(12), shape=(3, 4)), "y_train": Y},
            "x_train: it has the shape (3, 4): reshape it to (count, height, width)",
        ),
        (
            {"x_train": npy(b"", shape=(3, 0, 2)), "y_train": Y},
            "at most 256 x 256 pixels with 1 to 4 channels",
        ),
        (
            {"x_train": npy(bytes(3 * 257 * 2), shape=(3, 257, 2)), "y_train": Y},
            "at most 256 x 256",
        ),
        (
            {"x_train": X, "y_train": npy(bytes(2), shape=(2,))},
            "x_train has 3 images and y_train 2 labels: give each image one label",
        ),
        (
            {"x_train": X, "y_train": npy(bytes(6), shape=(3, 2))},
            "y_train: it has the shape (3, 2): give one class number per image",
        ),
        (
            {"x_train": X, "y_train": npy(bytes(1), shape=())},
            "y_train: it has the shape ()",
        ),
        (
            {"x_train": X, "y_train": npy(bytes(12), "<f4", (3,))},
            "y_train: it has the type <f4: save it with astype('uint8')",
        ),
        (
            {"x_train": npy(bytes(96), "<c8", (3, 2, 2)), "y_train": Y},
            "x_train: it has the type <c8: save it with astype('uint8')",
        ),
        (
            {"x_train": npy(bytes(12), "<m8[ns]", (3, 2, 2)), "y_train": Y},
            "x_train: it has the type '<m8[ns]'",
        ),
        (
            {"x_train": npy(bytes(96), "|O", (3, 2, 2)), "y_train": Y},
            "x_train holds Python objects, which are never unpickled",
        ),
        (
            {"x_train": X, "y_train": npy(struct.pack("<3h", 0, -1, 2), "<i2", (3,))},
            "y_train: it holds labels from -1 to 2: number the classes from 0 to 999",
        ),
        (
            {"x_train": X, "y_train": npy(struct.pack("<3h", 0, 1000, 2), "<i2", (3,))},
            "y_train: it holds labels from 0 to 1000",
        ),
        (
            {
                "x_train": npy(struct.pack("<12d", *[1e300] * 12), "<f8", (3, 2, 2)),
                "y_train": Y,
            },
            "x_train: it holds values beyond float32: give brightness as 0..255",
        ),
        (
            {
                "x_train": X,
                "y_train": Y,
                "x_test": npy(bytes(6), shape=(2, 3, 1)),
                "y_test": npy(bytes(2), shape=(2,)),
            },
            "it has images of (2, 2, 1) and of (3, 1, 1): give all one size",
        ),
    ],
)
def test_what_is_no_labelled_images_is_refused(arrays, said):
    with pytest.raises(NoDatasetError) as caught:
        survey("/a.npz", npz(**arrays), io.BytesIO)

    told = str(caught.value)
    assert told.startswith("/a.npz: ")
    assert said in told
    assert "\n" not in told

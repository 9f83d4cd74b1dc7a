"""Several files are one data set, joined in the order of their names."""

import numpy as np
import pytest

from mnist_trainer.errors import DataError
from trainer.samples import arrays, read_joined, some_of

TRAIN, TEST = ("x_train", "y_train"), ("x_test", "y_test")
NAMES = np.array(["nought", *"123456789"])


def _both(folder, one, other, **options):
    return read_joined(folder, {"data/a": one, "data/b": other}, **options)


def test_files_are_joined_in_the_order_of_their_names(tmp_path):
    one, other = arrays(), arrays()
    other["x_train"], other["y_train"] = 255 - one["x_train"], 9 - one["y_train"]
    dataset = _both(tmp_path, one, other)

    images = np.concatenate([one["x_train"], other["x_train"]])
    labels = np.concatenate([one["y_train"], other["y_train"]])
    assert (120, 40) == (dataset.train.count, dataset.test.count)
    np.testing.assert_array_equal(images, dataset.train.images)
    np.testing.assert_array_equal(labels, dataset.train.labels)


def test_a_file_may_hold_the_training_images_and_another_those_to_test_with(tmp_path):
    content = arrays()
    dataset = _both(tmp_path, some_of(content, *TEST), some_of(content, *TRAIN))

    assert (60, 20) == (dataset.train.count, dataset.test.count)
    assert not dataset.held_back


def test_where_one_file_has_test_images_none_are_held_back(tmp_path):
    dataset = _both(tmp_path, arrays(), some_of(arrays(), *TRAIN))

    assert (120, 20) == (dataset.train.count, dataset.test.count)
    assert not dataset.held_back


def test_where_no_file_has_test_images_some_of_all_files_are_held_back(tmp_path):
    content = some_of(arrays(), *TRAIN)
    dataset = _both(tmp_path, content, content, memory=0)
    images = np.concatenate([dataset.train.images, dataset.test.images])

    assert dataset.held_back
    assert 120 == len(images)
    np.testing.assert_array_equal(
        np.sort(np.concatenate([content["x_train"]] * 2).sum((1, 2))),
        np.sort(images.sum((1, 2))),
    )


def test_whole_numbers_and_others_become_one_type(tmp_path):
    one = arrays()
    other = arrays(x_train=one["x_train"].astype(">f8"))
    dataset = _both(tmp_path, one, other)

    assert (np.float32, np.uint8) == (
        dataset.train.images.dtype,
        dataset.test.images.dtype,
    )
    np.testing.assert_array_equal(one["x_train"], dataset.train.images[:60])
    np.testing.assert_array_equal(one["x_train"], dataset.train.images[60:])


def test_a_class_may_be_in_one_file_alone(tmp_path):
    """Also one of black images: only all images together must differ."""
    blank = {"x_train": np.zeros((5, 28, 28), np.uint8), "y_train": np.full(5, 10)}
    dataset = _both(tmp_path, arrays(), blank)

    assert 11 == dataset.classes


@pytest.mark.parametrize("where", ["a", "b", "ab"])
def test_any_file_may_name_the_classes(tmp_path, where):
    named = arrays(class_names=NAMES)
    one, other = (named if name in where else arrays() for name in "ab")

    assert "nought" == _both(tmp_path, one, other).names[0]


def test_a_file_may_hold_the_names_alone(tmp_path):
    assert "nought" == _both(tmp_path, arrays(), {"class_names": NAMES}).names[0]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param(
            {"x_train": np.zeros((60, 28, 20), np.uint8)},
            "/data/b.npz: x_train in /data/a.npz has images of (28, 28) and x_train of "
            "(28, 20): give all one size",
            id="another-size",
        ),
        pytest.param(
            {"x_train": arrays()["x_train"] / 255},
            "/data/b.npz: x_train holds values from 0.0 to 1.0: multiply by 255, since "
            "the model rescales by itself",
            id="another-scale",
        ),
        pytest.param(
            {"y_train": np.full(60, 1000)},
            "/data/b.npz: y_train holds labels from 1000 to 1000: number the classes "
            "from 0 to 999 at most",
            id="labels-too-high",
        ),
        pytest.param(
            {"y_test": np.full(20, 10)},
            "/data/b.npz: y_test holds the label 10, which y_train does not: push "
            "training images of every class that is tested",
            id="an-unknown-label",
        ),
        pytest.param(
            {"class_names": NAMES[::-1]},
            "/data/b.npz: class_names are others than in /data/a.npz: give the same in "
            "all files, or in one alone",
            id="other-names",
        ),
    ],
)
def test_a_refusal_names_the_file(tmp_path, changed, words):
    with pytest.raises(DataError) as refused:
        _both(tmp_path, arrays(class_names=NAMES), arrays(**changed))

    assert words == str(refused.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(
            some_of(arrays(), *TEST),
            "/data/a.npz and 1 more: x_train.npy is missing: push images to train on, "
            "and their labels as y_train",
            id="test-images-alone",
        ),
        pytest.param(
            arrays(y_train=np.full(60, 7)),
            "/data/a.npz and 1 more: y_train holds the one label 7: push images of two "
            "classes or more",
            id="one-class",
        ),
    ],
)
def test_a_refusal_of_all_files_names_the_first(tmp_path, content, words):
    with pytest.raises(DataError) as refused:
        _both(tmp_path, content, content)

    assert words == str(refused.value)

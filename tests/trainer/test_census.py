"""What metrics.json says of the data, and what the log warns of."""

import numpy as np
import pytest

from mnist_trainer.census import describe_data
from mnist_trainer.dataset import Dataset, Split
from mnist_trainer.duplicates import count_duplicates
from trainer.samples import arrays, pack, read, some_of


def _dataset(train, test):
    labels = np.array(train, np.int32), np.array(test, np.int32)
    images = [
        np.full((len(each), 8, 8), 10 * (number + 1), np.uint8)
        for number, each in enumerate(labels)
    ]
    splits = [Split(*each) for each in zip(images, labels, strict=True)]
    return Dataset(*splits, classes=4, names=("a", "b", "c", "d"))


def test_the_data_are_described():
    described = describe_data(_dataset([0] * 6 + [1] * 4 + [3], [0, 3, 3]))

    assert {
        "imageShape": [8, 8],
        "imageType": "uint8",
        "classNames": ["a", "b", "c", "d"],
        "imagesPerClass": {"train": [6, 4, 0, 1], "test": [1, 0, 0, 2]},
        "imbalance": 6.0,
        "classesWithoutTrainingImages": [2],
        "classesWithoutTestImages": [1, 2],
        "pixelMean": 10.0,
        "testHeldBackFromTraining": False,
        "testImagesAlsoInTraining": 0,
        "notes": [],
    } == described


def _notes(archive, **changed):
    return read(archive(pack(arrays(**changed)))).notes


def test_sound_data_need_no_notes(archive):
    assert () == _notes(archive)


def test_held_back_images_are_noted(archive):
    content = some_of(arrays(), "x_train", "y_train")

    (note,) = read(archive(pack(content))).notes

    assert (
        "there are no test images: 10 of the 60 training images are held back to test "
        "with"
    ) == note


def test_an_extreme_imbalance_is_noted(archive):
    train, test = [0] * 55 + [1] * 5, [0, 1] * 10

    names = np.array(["nought", "one"])
    (note,) = _notes(archive, y_train=train, y_test=test, class_names=names)

    assert (
        "class 0 (nought) has 11 times the training images of class 1 (one) (55 to 5): "
        "the accuracy of each class says more than that of all"
    ) == note


def test_classes_without_images_are_noted(archive):
    train, test = np.arange(60) % 2 * 11, np.full(20, 11)

    never, untested = _notes(archive, y_train=train, y_test=test)

    assert (
        "no training images of class 1, 2, 3, 4, 5, 6, 7, 8 and 2 more: the model "
        "never answers with it"
    ) == never
    assert "no test images of class 0: its accuracy is not known" == untested


def test_dim_images_are_noted(archive):
    images = arrays()["x_train"] // 16

    (note,) = _notes(archive, x_train=images)

    assert (
        "no pixel is brighter than 15 of 255: give brightness as 0..255 if these "
        "images are meant to be bright"
    ) == note


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
@pytest.mark.parametrize("shape", [(28, 28), (9, 9), (9, 11, 2), (8, 8, 3)])
def test_test_images_that_were_trained_on_are_counted(shape, kind):
    generator = np.random.default_rng(1)
    train = generator.integers(0, 256, (3000, *shape), np.uint8).astype(kind)
    test = generator.integers(0, 256, (50, *shape), np.uint8)
    test[10:17] = train[500:507]
    almost = train[600].copy()
    almost[-1, -1] = 255 - almost[-1, -1]
    test[20] = almost

    assert 7 == count_duplicates(train, test)


def test_a_test_split_that_is_the_training_split_is_seen_through():
    images = np.random.default_rng(1).integers(0, 256, (5000, 28, 28), np.uint8)

    assert 5000 == count_duplicates(images, images[::-1])

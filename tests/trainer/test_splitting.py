"""Data without a test split: some of each class is held back, the same every time."""

import numpy as np
import pytest

from mnist_trainer.splitting import hold_back
from trainer.samples import arrays, draw_digits, pack, read, some_of

LABELS = np.random.default_rng(1).permutation(
    np.repeat(np.arange(5), [1, 2, 10, 100, 1000])
)


def _counts(chosen, labels=LABELS):
    return np.bincount(labels[chosen], minlength=labels.max() + 1).tolist()


@pytest.mark.parametrize(
    ("percent", "held_back"),
    [
        (1, [0, 1, 1, 1, 10]),
        (10, [0, 1, 1, 10, 100]),
        (25, [0, 1, 3, 25, 250]),
        (50, [0, 1, 5, 50, 500]),
    ],
)
def test_each_class_gives_its_part_and_keeps_one_image(percent, held_back):
    assert held_back == _counts(hold_back(LABELS, percent=percent, seed=1))


def test_the_seed_decides_which_images_they_are():
    one, again, other = (hold_back(LABELS, percent=10, seed=seed) for seed in (1, 1, 2))

    np.testing.assert_array_equal(one, again)
    assert (one != other).any()
    assert _counts(one) == _counts(other)


def test_a_class_without_images_gives_none():
    labels = np.array([0, 0, 0, 0, 3, 3])

    assert [2, 0, 0, 1] == _counts(hold_back(labels, percent=50, seed=1), labels)


def test_images_keep_their_labels_and_their_order(archive):
    content = some_of(arrays(), "x_train", "y_train")
    dataset = read(archive(pack(content)), percent=20)
    known = {
        image.tobytes(): (place, label)
        for place, (image, label) in enumerate(zip(*content.values(), strict=True))
    }
    places = []
    for split in (dataset.train, dataset.test):
        for image, label in zip(split.images, split.labels, strict=True):
            place, wanted = known[image.tobytes()]
            places.append(place)
            assert wanted == label

    assert sorted(places) == list(range(60))
    assert places[: dataset.train.count] == sorted(places[: dataset.train.count])
    assert places[dataset.train.count :] == sorted(places[dataset.train.count :])


def test_a_hundred_images_are_enough(archive):
    images, labels = draw_digits(100, seed=1)
    dataset = read(archive(pack({"x_train": images, "y_train": labels})))

    assert dataset.held_back
    assert 100 == dataset.train.count + dataset.test.count
    assert set(labels) == set(dataset.train.labels) == set(dataset.test.labels)

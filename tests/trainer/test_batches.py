"""Images on their way to the learning: taken, moved, and ready ahead of time."""

import itertools
import threading

import numpy as np
import pytest

from mnist_trainer import batches, schedule
from mnist_trainer.dataset import Split
from trainer.plans import a_plan, a_split, some_data

_DEADLINE = 30


def _gather(split, **given):
    plan = a_plan(some_data(split.count, *split.images.shape[1:]), **given)
    order = plan.order(0)
    return order, batches.gather(split, order)


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param((9, 11), id="without-channels"),
        pytest.param((9, 11, 1), id="with-one-channel"),
        pytest.param((9, 11, 3), id="with-three-channels"),
    ],
)
def test_a_batch_has_the_images_and_labels_of_its_rows(shape):
    split = a_split(50, *shape)
    order, piece = _gather(split, batchSize=8)
    images = split.images.reshape(50, 9, 11, -1)

    assert (7, 8, *images.shape[1:]) == piece.images.shape
    np.testing.assert_array_equal(images[order.rows], piece.images)
    np.testing.assert_array_equal(split.labels[order.rows], piece.labels)


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_pixels_keep_their_type_and_value_until_they_are_learned_from(kind):
    noise = a_split(20)
    split = Split((noise.images / 3).astype(kind), noise.labels)
    _, piece = _gather(split, augmentation="Shift")

    assert kind == piece.images.dtype
    assert set(np.unique(piece.images)) <= set(np.unique(split.images))


@pytest.mark.parametrize("shape", [(28, 28), (60, 28), (28, 30, 2)])
def test_a_shifted_image_is_cut_out_of_the_one_whose_edge_is_repeated(shape):
    split = a_split(20, *shape)
    order, piece = _gather(split, augmentation="Shift", batchSize=10)
    height, width = shape[:2]
    down, across = schedule.margins((height, width))
    images = split.images.reshape(20, height, width, -1)
    around = ((0, 0), (down, down), (across, across), (0, 0))
    padded = np.pad(images, around, mode="edge")

    moved = set()
    for step, place in np.ndindex(*order.rows.shape):
        y, x = order.moves[step, place]
        row = order.rows[step, place]
        expected = padded[row, y : y + height, x : x + width]
        np.testing.assert_array_equal(expected, piece.images[step, place])
        moved.add((y - down, x - across))
    assert len(moved) > 1


def test_small_images_are_not_shifted():
    split = a_split(30, 20, 20)
    order, piece = _gather(split, augmentation="Shift")

    np.testing.assert_array_equal(split.images[order.rows], piece.images[..., 0])


def test_images_are_taken_from_a_file_without_reading_all_of_it(tmp_path):
    split = a_split(40)
    np.save(tmp_path / "images.npy", split.images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    _, piece = _gather(Split(mapped, split.labels), augmentation="Shift")
    _, expected = _gather(split, augmentation="Shift")

    assert not isinstance(piece.images, np.memmap)
    np.testing.assert_array_equal(expected.images, piece.images)


def test_all_is_made_in_order_and_once():
    assert [0, 1, 4, 9] == list(batches.ahead(lambda n: n * n, range(4)))
    assert [] == list(batches.ahead(str, []))


def test_the_next_is_made_while_this_one_is_used():
    begun = [threading.Event() for _ in range(3)]

    def make(number):
        begun[number].set()
        return number

    made = batches.ahead(make, range(3))

    assert 0 == next(made)
    assert begun[1].wait(_DEADLINE)
    assert [1, 2] == list(made)


def test_never_more_than_one_is_made_that_nobody_has_asked_for():
    asked = []

    def given():
        for number in itertools.count():
            asked.append(number)
            yield number

    made = batches.ahead(str, given())
    for number in range(5):
        assert str(number) == next(made)
        assert number + 2 == len(asked)
    made.close()


def test_what_goes_wrong_in_the_thread_is_told_to_whoever_asks():
    def make(number):
        if number == 2:
            raise OSError("the file is gone")
        return number

    made = batches.ahead(make, range(9))

    assert [0, 1] == list(itertools.islice(made, 2))
    with pytest.raises(OSError, match="the file is gone"):
        next(made)

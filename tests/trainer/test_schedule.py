"""The order of learning: every image once an epoch, the same for all workers."""

import dataclasses

import numpy as np
import pytest

from mnist_trainer import schedule
from mnist_trainer.recipes import Augmentation
from mnist_trainer.schedule import Share

_KINDS = list(Augmentation)


def _epoch(seed=1, epoch=0, *, images=100, batch=8, share=None, **given):
    options = {"size": (28, 28), "augmentation": Augmentation.SHIFT} | given
    return schedule.plan_epoch(
        seed,
        epoch,
        images=images,
        batch=batch,
        rates=schedule.rates(-(-images // batch), 0.1),
        share=share or Share(),
        **options,
    )


def _counted(order):
    """The images that count, in the order in which they are learned from."""
    return order.rows[order.counted > 0]


@pytest.mark.parametrize("images", [1, 7, 8, 9, 64, 1001])
def test_an_epoch_learns_from_every_image_once(images):
    order = _epoch(images=images)

    assert (-(-images // 8), 8) == order.rows.shape
    assert list(range(images)) == sorted(_counted(order))
    assert images == order.totals.sum()
    np.testing.assert_array_equal(order.totals, order.counted.sum(axis=1))


def test_what_fills_up_the_last_batch_are_images_that_do_not_count():
    order = _epoch(images=13)

    assert [0, 0, 0] == list(order.counted[-1][-3:])
    assert set(order.rows[-1][-3:]) <= set(range(13))
    assert [8, 5] == list(order.totals)


@pytest.mark.parametrize("of", [2, 4])
@pytest.mark.parametrize("augmentation", _KINDS)
def test_the_shares_of_all_workers_are_the_batches_of_a_single_one(of, augmentation):
    whole = _epoch(images=45, augmentation=augmentation)
    shares = [
        _epoch(images=45, augmentation=augmentation, share=Share(number, of))
        for number in range(of)
    ]

    for name in ("rows", "counted", "moves"):
        parts = [getattr(share, name) for share in shares]
        if getattr(whole, name) is not None:
            joined = np.concatenate(parts, axis=1)
            np.testing.assert_array_equal(getattr(whole, name), joined)
    for share in shares:
        np.testing.assert_array_equal(whole.totals, share.totals)
        np.testing.assert_array_equal(whole.rates, share.rates)


def test_an_epoch_is_the_same_whether_or_not_others_were_planned_before():
    planned = [_epoch(epoch=number) for number in range(3)]
    alone = _epoch(epoch=2)

    np.testing.assert_array_equal(planned[2].rows, alone.rows)
    np.testing.assert_array_equal(planned[2].moves, alone.moves)


def test_every_epoch_and_every_seed_has_an_order_of_its_own():
    orders = [_epoch(1, 0), _epoch(1, 1), _epoch(2, 0), _epoch(2, 1)]

    assert 4 == len({order.rows.tobytes() for order in orders})
    assert 4 == len({order.moves.tobytes() for order in orders})


def test_steps_are_numbered_through_all_epochs():
    assert [0, 13, 26] == [_epoch(epoch=number).first for number in range(3)]


@pytest.mark.parametrize("augmentation", _KINDS)
def test_an_epoch_cut_into_pieces_loses_nothing(augmentation):
    order = _epoch(augmentation=augmentation)
    pieces = list(schedule.cut(order, 4))

    assert [4, 4, 4, 1] == [piece.steps for piece in pieces]
    assert [0, 4, 8, 12] == [piece.first for piece in pieces]
    for name in ("rows", "counted", "moves", "totals", "rates"):
        whole = getattr(order, name)
        if whole is not None:
            parts = [getattr(piece, name) for piece in pieces]
            np.testing.assert_array_equal(whole, np.concatenate(parts))


@pytest.mark.parametrize(
    ("size", "margins"),
    [
        pytest.param((28, 28), (1, 1), id="a-pixel-at-mnists-size"),
        pytest.param((27, 8), (0, 0), id="nothing-where-a-pixel-is-much"),
        pytest.param((64, 28), (2, 1), id="more-along-the-longer-side"),
    ],
)
def test_an_image_is_shifted_by_a_pixel_for_each_28(size, margins):
    moves = _epoch(images=800, size=size).moves.reshape(-1, 2)

    assert margins == schedule.margins(size)
    for axis, margin in enumerate(margins):
        assert set(range(2 * margin + 1)) == set(moves[:, axis])


def test_without_augmentation_nothing_is_drawn_for_it():
    assert _epoch(augmentation=Augmentation.NONE).moves is None


def test_turning_and_scaling_leave_the_middle_where_it_is_but_for_the_move():
    size = (40, 20)
    moves = _epoch(images=800, size=size, augmentation=Augmentation.AFFINE).moves
    a, b, right, c, d, down, e, f = moves.reshape(-1, 8).T
    x, y = (size[1] - 1) / 2, (size[0] - 1) / 2

    assert not e.any()
    assert not f.any()
    assert np.abs(a * x + b * y + right - x).max() <= size[1] / 28 + 1e-4
    assert np.abs(c * x + d * y + down - y).max() <= size[0] / 28 + 1e-4
    assert np.abs(np.arctan2(c, d)).max() <= np.radians(5) + 1e-5
    assert np.hypot(c, d).max() <= 1.05 + 1e-5


class _Still:
    """Chance that draws the middle of every range."""

    def uniform(self, low, high, shape):
        return np.full(shape, (low + high) / 2)


def test_no_chance_at_all_leaves_every_image_as_it_is():
    drawn = schedule._draw_transforms(_Still(), (2, 3), (30, 10))

    expected = np.broadcast_to(np.float32([1, 0, 0, 0, 1, 0, 0, 0]), (2, 3, 8))
    np.testing.assert_allclose(expected, drawn, atol=1e-6)


def test_the_rate_rises_to_its_peak_and_falls_to_nothing():
    rates = schedule.rates(1000, 0.02)

    assert 0.02 == pytest.approx(rates.max(), rel=0.01)
    assert 0 < rates[0] < 0.001
    assert 0 < rates[-1] < 0.001
    top = int(rates.argmax())
    assert 0 < top < 500
    assert (np.diff(rates[: top + 1]) > 0).all()
    assert (np.diff(rates[top:]) < 0).all()


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_even_a_training_of_a_step_has_a_rate(steps):
    assert (schedule.rates(steps, 0.1) > 0).all()


def test_an_order_says_how_many_steps_it_has():
    order = _epoch()

    assert 13 == order.steps
    assert 1 == dataclasses.replace(order, rates=order.rates[:1]).steps

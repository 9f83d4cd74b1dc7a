"""The promotion gate: what passes, what is refused; and equal models do not flap."""

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.gate import LEVEL, Bars, Ruling, judge, withhold
from unit.builders import examples
from unit.trials import figures

_P, _R = Ruling.PASSED, Ruling.REFUSED
_FIRST = {"both": 0, "champion": 0, "has_champion": False}
_DECISIONS = {
    "equal": (figures(90, 3, 3, 4), Bars(), _P, "NotWorse"),
    "better": (figures(90, 0, 8, 2), Bars(), _P, "NotWorse"),
    "lower by chance": (figures(90, 5, 1, 4), Bars(), _P, "NotWorse"),
    "worse": (figures(85, 10, 1, 4), Bars(), _R, "Worse"),
    "worse, at the level": (figures(90, 6, 0, 4), Bars(), _P, "NotWorse"),
    "worse, below the level": (figures(90, 7, 0, 3), Bars(), _R, "Worse"),
    "worse, and allowed": (figures(85, 10, 1, 4), Bars("", "0.09"), _P, "NotWorse"),
    "worse than allowed": (figures(85, 10, 1, 4), Bars("", "0.08"), _R, "Worse"),
    "as good as was asked": (figures(), Bars("0.93"), _P, "NotWorse"),
    "less than was asked": (figures(), Bars("0.9301"), _R, "BelowMinAccuracy"),
    "first": (figures(challenger=95, **_FIRST), Bars("0.95"), _P, "First"),
    "first, too bad": (
        figures(challenger=95, neither=6, **_FIRST),
        Bars("0.95"),
        _R,
        "BelowMinAccuracy",
    ),
    "first, leaked": (figures(challenger=95, seen=1, **_FIRST), Bars(), _R, "Leaked"),
    "leaked to the new one": (figures(seen=1), Bars(), _R, "Leaked"),
    "leaked to the old one": (figures(before=1), Bars(), _R, "Leaked"),
    "leaked, though better": (figures(90, 0, 9, 1, seen=3), Bars(), _R, "Leaked"),
}


@pytest.mark.parametrize(
    ("found", "bars", "ruling", "reason"), _DECISIONS.values(), ids=_DECISIONS
)
def test_the_gate_decides(found, bars, ruling, reason):
    judgement = judge(found, bars)

    assert (ruling, reason) == (judgement.ruling, judgement.reason)


def test_a_refusal_shows_p_and_the_sample_sizes():
    message = judge(figures(85, 10, 1, 4), Bars()).message

    assert (
        "Worse than the model in production: p is below 0.01, and the drop is more than"
        " spec.promotion.maxRegression: 0. Accuracy 0.8600, in production 0.9500, on"
        " 100 held-out images; right by the new one alone 1, by the one in production"
        " alone 10: p = 0.00586 (McNemar's test, that it is worse)."
    ) == message


def test_a_leak_says_whose_training_images_and_what_to_do():
    message = judge(figures(before=7), Bars()).message

    assert message.startswith(
        "7 of 100 held-out images are among those that the one in production was"
        " trained on, so they measure nothing: name other images in"
        " spec.promotion.heldOut."
    )


def test_the_first_model_has_nobody_to_be_compared_with():
    message = judge(figures(challenger=95, **_FIRST), Bars()).message

    assert "Accuracy 0.9500 on 100 held-out images; none was in production." == message


def test_what_was_not_compared_is_withheld():
    assert Ruling.NOT_COMPARED == withhold("No images.").ruling


@examples
@given(st.integers(0, 400), st.integers(0, 400), st.integers(1, 400))
def test_what_passes_still_passes_with_one_more_image_right(lost, won, both):
    before = judge(figures(both, lost, won, 10), Bars())
    after = judge(figures(both, lost, won + 1, 9), Bars())

    assert not (before.ruling is _P and after.ruling is _R)


@examples
@given(st.integers(0, 400), st.integers(0, 400))
def test_a_model_that_is_no_less_accurate_always_passes(fewer, more):
    lost, won = sorted((fewer, more))

    assert _P == judge(figures(500, lost, won, 10), Bars()).ruling


def play(seed, *, images, right_old, right_new):
    """Two models, each right with its own chance on each image, independently."""
    draw = random.Random(seed)  # noqa: S311 (not for secrecy)
    table = [[0, 0], [0, 0]]
    for _ in range(images):
        old, new = draw.random() < right_old, draw.random() < right_new
        table[old][new] += 1
    (neither, won), (lost, both) = table
    return judge(figures(both, lost, won, neither), Bars())


def test_equal_models_are_held_no_more_often_than_the_level_says():
    """A fixed "must not be lower" would hold about half of them."""
    rulings = [
        play(seed, images=2000, right_old=0.98, right_new=0.98).ruling
        for seed in range(200)
    ]

    assert Fraction(rulings.count(_R), len(rulings)) <= LEVEL


def test_twenty_equal_models_in_a_row_all_pass():
    assert {_P} == {
        play(seed, images=10_000, right_old=0.99, right_new=0.99).ruling
        for seed in range(20)
    }


def test_a_model_that_is_worse_by_a_point_is_refused():
    assert {_R} == {
        play(seed, images=10_000, right_old=0.99, right_new=0.98).ruling
        for seed in range(20)
    }

"""The promotion gate before many models: equal ones, worse ones, ever worse ones.

Input: models that are drawn, see `gate_lives`. Output: how many are held, and where
production is in the end. What docs/promotion.md tells of more of them is measured by
`python -m bench.gate`.
"""

import random
from itertools import product

import pytest

from mnist_operator.gate import Bars, Mark, Ruling, find_next_mark, judge
from mnist_operator.mcnemar import find_p_value
from unit.gate_lives import CLASSIC, Makers, count_refused, live
from unit.trials import figures

_SMALL = Makers(1000, 0.99)


@pytest.mark.parametrize("pairs", range(13))
def test_p_is_the_share_of_all_ways_in_which_coins_can_fall(pairs):
    heads = [sum(fallen) for fallen in product((0, 1), repeat=pairs)]

    for lost in range(pairs + 1):
        many = sum(each >= lost for each in heads)
        assert many / 2**pairs == find_p_value(lost, pairs - lost)


@pytest.mark.parametrize("makers", [CLASSIC, _SMALL], ids=["10,000", "1,000 images"])
def test_of_equal_models_no_more_are_refused_than_one_in_a_hundred(makers):
    assert count_refused(makers, 1, 1000) <= 15  # 10, and what chance adds to that


@pytest.mark.parametrize(
    ("makers", "worse", "least", "most"),
    [
        (CLASSIC, 0.002, 0.14, 0.27),
        (CLASSIC, 0.005, 0.88, 0.96),
        (CLASSIC, 0.010, 1.00, 1.00),
        (_SMALL, 0.002, 0.00, 0.04),
        (_SMALL, 0.005, 0.05, 0.12),
        (_SMALL, 0.010, 0.34, 0.45),
    ],
)
def test_how_many_worse_models_are_refused_is_as_documented(makers, worse, least, most):
    assert least <= count_refused(makers, 2, 500, worse=worse) / 500 <= most


def test_what_maxregression_allows_passes_up_to_that():
    allowed = Bars("", "0.01")

    assert count_refused(CLASSIC, 3, 200, worse=0.005, bars=allowed) <= 2
    assert count_refused(CLASSIC, 3, 200, worse=0.02, bars=allowed) == 200


def test_equal_models_take_turns_in_production_and_never_come_back():
    for seed in range(5):
        life = live(CLASSIC, seed, [0] * 100)

        assert life.held <= 6
        assert life.production == sorted(life.production)


def test_many_small_losses_do_not_add_up_to_a_large_one():
    """Each model is a twentieth of a point worse than the one before."""
    losses = [0.0005 * number for number in range(41)]
    with_mark, without = (
        [0.0005 * live(CLASSIC, s, losses, with_mark=m).production[-1] for s in seeds]
        for m, seeds in ((True, range(20)), (False, range(20)))
    )

    assert max(with_mark) <= 0.01
    assert sum(with_mark) / 20 <= 0.005
    assert sum(without) / 20 >= 0.015


def test_what_was_gained_is_not_lost_again_in_small_steps():
    losses = [0.0] * 10 + [-0.005] * 10 + [-0.005 + 0.0005 * n for n in range(41)]
    kept = [live(CLASSIC, seed, losses).production[-1] - 20 for seed in range(10)]

    assert max(kept) * 0.0005 <= 0.01


# The mark, by itself.

_MARK = Mark("earlier", 98, 100)
_DRIFTS = {
    "as good as the mark": (figures(96, 2, 2, 0), Bars(), "NotWorse"),
    "at the level": (figures(86, 4, 3, 7), Bars(), "NotWorse"),  # p = 0.0112
    "below the level": (figures(86, 4, 2, 8), Bars(), "Drifted"),  # p = 0.0065
    "just as much as is allowed": (figures(86, 4, 2, 8), Bars("", "0.10"), "NotWorse"),
    "more than is allowed": (figures(86, 4, 2, 8), Bars("", "0.09"), "Drifted"),
    "worse than both": (figures(80, 15, 2, 3), Bars(), "Worse"),
    "other images": (figures(860, 40, 20, 80), Bars(), "Worse"),
    "other images, and not worse": (figures(886, 4, 2, 108), Bars(), "NotWorse"),
}


@pytest.mark.parametrize(
    ("found", "bars", "reason"), _DRIFTS.values(), ids=_DRIFTS.keys()
)
def test_a_model_is_not_worse_than_the_mark(found, bars, reason):
    assert reason == judge(found, bars, _MARK).reason


def test_who_drifted_is_told_from_where():
    message = judge(figures(86, 4, 2, 8), Bars(), _MARK).message

    assert message.startswith(
        "Worse than model earlier, which was in production before, by many small"
        " losses: that had 98 of the same 100 images right, p is 0.00647 at most, and"
        " the drop since is more than spec.promotion.maxRegression: 0. Accuracy 0.88"
    )


def test_the_marks_p_is_never_less_than_that_of_the_whole_table():
    """So the mark refuses nothing that a test with all answers would let pass."""
    draw = random.Random(5)  # noqa: S311 (no secret)
    for _ in range(300):
        old, new = CLASSIC.make(draw), CLASSIC.make(draw, worse=0.002)
        found = CLASSIC.compare(old, new)
        right = found.both_right + found.only_champion
        if found.regression > 0:
            known = find_p_value(found.only_champion, found.only_challenger)
            assert known <= Mark("", right, found.count).p_value(found) * (1 + 1e-9)


class TestTheNextMark:
    """What later models are compared with, beside the one in production."""

    def test_is_the_first_model_itself(self):
        first = figures(0, 0, 95, 5, has_champion=False)

        assert find_next_mark(first, "", None) is None

    def test_is_the_champion_as_long_as_nothing_is_better_beyond_doubt(self):
        champion = Mark("champion", 92, 100)

        assert champion == find_next_mark(figures(90, 2, 3, 5), "champion", None)
        assert champion == find_next_mark(figures(90, 2, 8, 0), "champion", None)

    def test_is_a_model_that_is_better_beyond_doubt(self):
        assert find_next_mark(figures(80, 0, 14, 6), "champion", None) is None
        assert find_next_mark(figures(100, 0, 0, 0), "x", Mark("m", 80, 100)) is None

    def test_stays_what_it_was(self):
        assert _MARK == find_next_mark(figures(90, 2, 3, 5), "champion", _MARK)

    def test_of_other_images_is_forgotten(self):
        other = Mark("m", 50, 60)

        assert Mark("champion", 92, 100) == find_next_mark(
            figures(90, 2, 3, 5), "champion", other
        )


# The edges.

_EDGES = {
    "both perfect": (figures(10, 0, 0, 0), "NotWorse"),
    "both always wrong": (figures(0, 0, 0, 10), "NotWorse"),
    "one image, lost": (figures(0, 1, 0, 0), "NotWorse"),
    "one image, won": (figures(0, 0, 1, 0), "NotWorse"),
    "as many lost as won": (figures(0, 500, 500, 0), "NotWorse"),
    "everything lost": (figures(0, 10, 0, 0), "Worse"),
}


@pytest.mark.parametrize(("found", "reason"), _EDGES.values(), ids=_EDGES)
def test_the_gate_decides_at_the_edges(found, reason):
    assert reason == judge(found, Bars()).reason


@pytest.mark.parametrize(
    ("least", "ruling"),
    [("0", "Passed"), ("0.93", "Passed"), (".930", "Passed"), ("0.9300001", "Refused")],
)
def test_an_accuracy_that_is_the_least_is_enough(least, ruling):
    assert ruling == judge(figures(90, 2, 3, 5), Bars(least)).ruling


def test_the_least_accuracy_of_all_is_for_those_without_a_fault():
    assert Ruling.PASSED == judge(figures(98, 0, 2, 0), Bars("1")).ruling
    assert Ruling.REFUSED == judge(figures(98, 0, 1, 1), Bars("1.0")).ruling

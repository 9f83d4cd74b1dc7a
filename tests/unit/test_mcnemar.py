"""McNemar's exact test: known values, and what holds for all of them."""

import re
from fractions import Fraction
from math import comb
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.mcnemar import find_p_value
from unit.builders import examples

_COUNTS = st.integers(0, 800)


@pytest.mark.parametrize(
    ("lost", "won", "expected"),
    [
        (0, 0, 1.0),
        (1, 0, 0.5),
        (0, 1, 1.0),
        (5, 0, 1 / 32),
        (7, 0, 1 / 128),
        (10, 2, 79 / 4096),
        (60, 40, 0.028443966820490392),
    ],
)
def test_the_p_value_is_the_tail_of_a_fair_coin(lost, won, expected):
    assert expected == pytest.approx(find_p_value(lost, won), rel=1e-12)


@pytest.mark.parametrize(
    ("lost", "won"), [(501, 500), (560, 460), (460, 560), (3000, 100), (20_000, 20_400)]
)
def test_a_large_one_agrees_with_whole_numbers(lost, won):
    pairs = lost + won
    term, tail = comb(pairs, lost), 0
    for k in range(lost, pairs + 1):
        tail += term
        term = term * (pairs - k) // (k + 1)
    exact = Fraction(tail, 2**pairs)

    assert float(exact) == pytest.approx(find_p_value(lost, won), rel=1e-9, abs=1e-300)


def test_a_million_images_take_no_time_and_end_between_zero_and_one():
    assert 0.5 == pytest.approx(find_p_value(500_000, 500_000), abs=1e-3)
    assert 0.0 == find_p_value(10**6, 0)


@examples
@given(_COUNTS, _COUNTS)
def test_it_is_a_chance(lost, won):
    assert 0 <= find_p_value(lost, won) <= 1


@examples
@given(_COUNTS, _COUNTS)
def test_one_more_image_lost_never_makes_a_model_look_better(lost, won):
    assert find_p_value(lost + 1, won) <= find_p_value(lost, won) * (1 + 1e-9)


@examples
@given(_COUNTS, _COUNTS)
def test_one_more_image_won_never_makes_a_model_look_worse(lost, won):
    assert find_p_value(lost, won + 1) * (1 + 1e-9) >= find_p_value(lost, won)


@examples
@given(_COUNTS, _COUNTS)
def test_what_is_worse_for_the_one_is_better_for_the_other(lost, won):
    both = find_p_value(lost, won) + find_p_value(won, lost)
    shared = Fraction(comb(lost + won, lost), 2 ** (lost + won))

    assert float(1 + shared) == pytest.approx(both, abs=1e-9)


def test_the_docs_name_the_least_difference_that_is_refused():
    told = (Path(__file__).parents[2] / "docs" / "promotion.md").read_text()
    rows = re.findall(r"\| (\d+) \| (\d+) lost, (\d+) won \(p = ([0-9.]+)\) \|", told)

    assert 5 == len(rows)
    for pairs, lost, won in (map(int, row[:3]) for row in rows):
        assert pairs == lost + won
        assert find_p_value(lost, won) < 0.01 <= find_p_value(lost - 1, won + 1)
    assert [row[3] for row in rows] == [
        f"{find_p_value(int(lost), int(won)):.4f}" for _, lost, won, _ in rows
    ]

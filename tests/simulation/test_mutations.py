"""The simulator has teeth: it finds each mistake that was made on purpose."""

import logging
from itertools import chain, zip_longest

import pytest

from simulation.play import play
from simulation.rest_mutations import MUTATIONS
from simulation.schedule import is_special, make_schedule
from simulation.shrink import shrink
from simulation.stages import record_stages
from simulation.world import SimulatedWorld

_SEEDS = 2000


def _in_turn():
    """Those that are about one thing as often as others: it is found sooner."""
    special = [seed for seed in range(_SEEDS) if is_special(seed)]
    others = [seed for seed in range(_SEEDS) if not is_special(seed)]
    both = chain.from_iterable(zip_longest(others, special))
    return [seed for seed in both if seed is not None]


@pytest.fixture(autouse=True)
def _stages():
    """Lives to begin in the middle of, of an operator without a mistake."""
    record_stages(SimulatedWorld)


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_is_found(name, monkeypatch):
    MUTATIONS[name](monkeypatch)
    logging.disable(logging.WARNING)
    try:
        found = any(play(make_schedule(seed), seed).violation for seed in _in_turn())
    finally:
        logging.disable(logging.NOTSET)

    assert found


def test_there_are_a_dozen_of_them_and_more():
    assert len(MUTATIONS) >= 12


def test_the_story_of_what_was_found_is_short(monkeypatch):
    MUTATIONS["only_the_head"](monkeypatch)
    seed = next(s for s in range(100) if play(make_schedule(s), s).violation)
    shortest = shrink(make_schedule(seed), seed)

    assert play(shortest, seed).violation
    for place in range(len(shortest)):
        assert not play((*shortest[:place], *shortest[place + 1 :]), seed).violation

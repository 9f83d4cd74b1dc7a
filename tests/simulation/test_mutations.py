"""The simulator has teeth: it finds each mistake that was made on purpose."""

import pytest

from simulation.play import play
from simulation.promotion_mutations import MUTATIONS
from simulation.schedule import make_schedule
from simulation.shrink import shrink
from simulation.stages import record_stages
from simulation.teeth import FOUND, find, in_turn
from simulation.world import SimulatedWorld


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_is_found(name):
    kept = [FOUND[name]] if name in FOUND else []

    assert find(name, [*kept, *in_turn()]) is not None


def test_there_are_a_dozen_of_them_and_more():
    assert len(MUTATIONS) >= 12


def test_the_story_of_what_was_found_is_short(monkeypatch):
    record_stages(SimulatedWorld)
    MUTATIONS["only_the_head"](monkeypatch)
    seed = next(s for s in range(100) if play(make_schedule(s), s).violation)
    shortest = shrink(make_schedule(seed), seed)

    assert play(shortest, seed).violation
    for place in range(len(shortest)):
        assert not play((*shortest[:place], *shortest[place + 1 :]), seed).violation

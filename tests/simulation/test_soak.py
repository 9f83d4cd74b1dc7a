"""Weeks of one operator's life: nothing grows, and nobody is followed who is gone."""

import logging
import tracemalloc
from random import Random

import pytest

from simulation.eager import eager_gather
from simulation.guests import SoakedWorld
from simulation.soak import TOLERANCES, soak
from soak.verdict import compare

_ROUNDS = 200.0
"""Seconds in which everything is listed three times."""


@pytest.fixture(autouse=True)
def _quiet():
    """The operator says what it makes of each fault."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(name="followed")
def _followed():
    """A world with a guest, and how to see whom its one operator follows."""
    world = SoakedWorld(Random(1))  # noqa: S311 (always the same)
    world.pace = 0.0
    with eager_gather():
        process = world.start_process()
        world.invite()
        world.loop.run_until(100.0)
        yield world, process.kopf._hub._followers
        process.kill()
        world.loop.run_until(world.loop.now)


def test_nothing_grows_but_what_is_known_of_decisions():
    tracemalloc.start()
    try:
        samples, violations, world = soak(commits=80, weeks=0.1, seed=7)
    finally:
        tracemalloc.stop()
    grown = [each for each in compare(samples, TOLERANCES) if each.is_more]

    assert [] == violations
    assert [] == grown
    assert world.guests > 10
    assert world.faults > 100


def test_who_vanishes_without_a_word_is_followed_no_more(followed):
    world, followers = followed
    before = sorted(followers)
    world.forget("guest-1")
    world.loop.run_until(world.loop.now + _ROUNDS)

    assert [("team", "guest-1"), ("team", "mnist")] == before
    assert [("team", "mnist")] == sorted(followers)


def test_who_looks_first_and_finds_nothing_is_followed_no_more(followed):
    world, followers = followed
    world.forget("guest-1")
    followers["team", "guest-1"].wake()
    world.loop.run_until(world.loop.now + _ROUNDS)

    assert [("team", "mnist")] == sorted(followers)


def test_who_is_replaced_without_a_word_is_followed_once(followed):
    world, followers = followed
    first = followers["team", "guest-1"]
    (process,) = world.processes
    world.forget("guest-1")
    world.guests = 0
    world.invite(life=2)
    world.loop.run_until(world.loop.now + _ROUNDS)

    assert first is not followers["team", "guest-1"]
    assert 2 == len(process.kopf._daemons)

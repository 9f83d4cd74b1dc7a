"""Two operators at once: production is moved once for each decision, and never back.

Input: a story, in which the first operator stands still before any of its calls, while
the second one goes on, and people ask for more. Output: where production is after
that, and after the first one has woken up.
"""

from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.promoting import find_overtaken
from unit.builders import ledger
from unit.model_promotion import Promotions
from unit.model_schedules import tried
from unit.promotions import LINES, NEW, OLD, OLDER, move
from unit.test_promotion_crashes import reasons

_CALLS = range(9)
"""A promotion takes eight calls, of which the fourth and the fifth move branches."""


def wake(world):
    """The one that stood still ends what it had begun, and looks on."""
    world.operator.proceed()
    world.watch()
    world.settle()
    world.check_in_the_end()


def go_on(world):
    """The other one does all that there is to do."""
    world.operator, world.other = world.other, world.operator
    world.settle()
    world.operator, world.other = world.other, world.operator


def a_model_waits(world):
    """One is in production, and the trainer of the next has just ended."""
    for _ in range(2):
        world.push()
        if not world.models():
            world.settle()
    while not world.world.reaching():
        world.work(20)
    for name in world.world.reaching():
        world.world.end_job(name, 0)


def stands_still(world, looks, calls):
    """An operator, with a model that waits, after so many looks and calls."""
    a_model_waits(world)
    for _ in range(looks):
        world.operator.turn()
        world.watch()
    world.work(calls)


@pytest.mark.parametrize("looks", range(4))
@pytest.mark.parametrize("calls", _CALLS)
def test_whoever_stands_still_repeats_no_promotion(looks, calls):
    with closing(Promotions()) as world:
        stands_still(world, looks, calls)
        go_on(world)
        wake(world)

        assert world.models() == world.shown
        assert ["Automatic", "Automatic"] == reasons(world)


@pytest.mark.parametrize("looks", range(4))
@pytest.mark.parametrize("calls", _CALLS)
def test_a_rollback_is_not_undone_by_whoever_stood_still(looks, calls):
    """Wherever it stood, also just before its move: then the branch is moved back."""
    with closing(Promotions()) as world:
        stands_still(world, looks, calls)
        go_on(world)
        world.request("Rollback")
        go_on(world)
        first, second = world.models()
        assert first == world.head
        wake(world)

        assert first == world.head
        assert "RolledBack" == reasons(world)[-1]
        assert [first, second, first] == world.shown


def test_a_move_that_comes_late_would_not_undo_a_rollback():
    with closing(Promotions()) as world:
        moves = noted(world)
        for _ in range(2):
            world.push()
            world.settle()
        world.request("Rollback")
        world.settle()
        first, _ = world.models()
        heads = world.world.pachyderm.heads

        assert first == world.head
        assert 3 * [first] == [heads.get(head, head) for head in moves]


def noted(world):
    """What every call that moves production names."""
    pachyderm, moves = world.world.pachyderm, []
    create = pachyderm.create_branch

    async def note(branch, head=None, **options):
        if branch == world.branch:
            moves.append(head)
        await create(branch, head, **options)

    pachyderm.create_branch = note
    return moves


@pytest.mark.parametrize("calls", _CALLS)
@pytest.mark.parametrize("kind", ["Promote", "Rollback"])
def test_a_request_is_met_once_by_two_operators(kind, calls):
    with closing(Promotions()) as world:
        for each in ("better", "better", "worse"):
            world.push(each)
            world.settle()
        world.request(kind, forced="as an exception")
        world.work(calls)
        go_on(world)
        first, second, third = world.models()
        world.request("Promote", second, forced="for the fair")
        go_on(world)
        wake(world)

        there = {"Promote": third, "Rollback": first}[kind]
        assert [first, second, there, second] == world.shown[:4]
        assert second == world.head
        assert 4 == len(reasons(world))


_STEPS = st.one_of(
    st.tuples(st.just("push"), st.sampled_from(["better", "equal", "worse", "leaked"])),
    st.tuples(st.just("settle"), st.booleans()),
    st.tuples(st.just("work"), st.integers(1, 20), st.booleans()),
    st.tuples(st.just("crash"), st.booleans()),
    st.tuples(st.just("ask"), st.sampled_from(["Promote", "Rollback"]), st.booleans()),
)


def do(world, step):
    who = world.other if step[-1] is True else world.operator
    match step:
        case "push", kind:
            world.push(kind)
        case "work", calls, _:
            world.work(calls, who)
        case "ask", kind, forced:
            world.request(kind, forced="because" if forced else "")
        case "crash", _:
            who.crash()
        case "settle", True:
            go_on(world)
        case _:
            world.settle()


@tried
@given(st.lists(_STEPS, max_size=20))
def test_whatever_two_operators_do_production_is_what_the_ledger_says(steps):
    with closing(Promotions()) as world:
        for step in steps:
            do(world, step)
        world.other.crash()
        world.settle()
        world.check_in_the_end()
        by_hand = [e for e in world.lines() if e.reason == "ByHand"]

        assert [] == by_hand, world.world.tell()
        assert len(world.lines()) == len({*map(_decision, world.lines())})


def _decision(entry):
    return entry.request or entry.output


class TestWhatWasOvertaken:
    """By the ledger, which is read once more after each move."""

    def test_is_nothing_where_nobody_else_decided(self):
        assert "" == find_overtaken(move(NEW, OLD), ledger(*LINES))
        assert "" == find_overtaken(move(NEW), ledger())

    def test_is_nothing_where_another_one_did_the_same(self):
        assert "" == find_overtaken(move(NEW, OLD), ledger(*LINES, move(NEW, OLD)))

    def test_is_what_was_put_in_its_place(self):
        lines = (*LINES, move(NEW, OLD), move(OLD, NEW, "RolledBack", request="r"))

        assert OLD == find_overtaken(move(NEW, OLD), ledger(*lines))
        lines = (*LINES, move(OLDER, OLD, "Requested", request="r"))
        assert OLDER == find_overtaken(move(NEW, OLD), ledger(*lines))

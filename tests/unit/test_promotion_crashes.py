"""Promotion in the model world: whatever dies, nothing is lost, repeated or undone.

Input: a story, with a crash after each of its calls in turn, or anything at random.
Output: where the production branch ends, and what the ledger tells of that.
"""

from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.decisions import Decision
from unit.model_promotion import Promotions
from unit.model_schedules import tried

_CALLS = range(16)
"""A promotion takes three calls that change something; looks and lines take the rest.
"""


def story(**spec):
    return closing(Promotions(**spec))


def reasons(world, decision=Decision.PROMOTED):
    return [each.reason for each in world.lines(decision)]


def test_the_first_model_and_each_better_one_are_promoted():
    with story() as world:
        for _ in range(3):
            world.push()
            world.settle()
        world.check_in_the_end()

        assert world.models() == world.shown
        assert 3 * ["Automatic"] == reasons(world)


@pytest.mark.parametrize("kind", ["worse", "leaked", "silent"])
def test_what_does_not_pass_is_withheld_and_the_next_one_goes_on(kind):
    with story() as world:
        for each in ("better", kind, "equal"):
            world.push(each)
            world.settle()
        world.check_in_the_end()
        first, _, third = world.models()

        assert [first, third] == world.shown
        assert 1 == len(reasons(world, Decision.WITHHELD))


def loses(lost, right):
    """The counts of a model that has a few images less right than the one before."""
    return {
        "both": right,
        "champion": lost,
        "challenger": 0,
        "neither": 100 - lost - right,
    }


def test_one_small_loss_after_the_other_is_ended_by_the_mark():
    """Each of them loses four images of a hundred, which no test takes for worse."""
    with story() as world:
        for kind in ({"both": 98, "neither": 2} | _NONE, *map(loses, 4 * [4], _FEWER)):
            world.push(kind)
            world.settle()
        world.check_in_the_end()
        *passed, _, _ = world.models()

        assert passed == world.shown
        assert ["Drifted", "Drifted"] == reasons(world, Decision.WITHHELD)
        assert (
            f"Worse than model {passed[0]}" in world.lines(Decision.WITHHELD)[0].message
        )


def test_who_wants_a_lower_mark_promotes_by_force():
    with story() as world:
        for kind in ({"both": 98, "neither": 2} | _NONE, *map(loses, 3 * [4], _FEWER)):
            world.push(kind)
            world.settle()
        world.request("Promote", forced="the new camera is worse")
        world.settle()
        world.push(loses(4, 82))
        world.settle()
        world.check_in_the_end()

        assert world.models() == world.shown


def test_on_other_images_the_mark_begins_anew():
    with story() as world:
        for kind in ({"both": 98, "neither": 2} | _NONE, *map(loses, 3 * [4], _FEWER)):
            world.hold_out()
            world.push(kind)
            world.settle()
        world.check_in_the_end()

        assert world.models() == world.shown


_NONE = {"champion": 0, "challenger": 0}
_FEWER = (94, 90, 86, 82)


def test_a_mode_that_waits_moves_nothing_until_it_is_asked():
    with story(mode="Manual") as world:
        world.push()
        world.settle()

        assert [] == world.shown
        world.request("Promote")
        world.settle()
        world.check_in_the_end()

        assert world.models() == world.shown
        assert ["Requested"] == reasons(world)


def test_a_rollback_is_not_undone_and_the_next_model_is_promoted():
    with story() as world:
        for _ in range(2):
            world.push()
            world.settle()
        world.request("Rollback")
        world.settle()
        first, second = world.models()

        assert [first, second, first] == world.shown
        world.push()
        world.settle()
        world.check_in_the_end()

        assert [first, second, first, world.models()[2]] == world.shown


def test_two_rollbacks_lead_back_two_models():
    with story() as world:
        for _ in range(3):
            world.push()
            world.settle()
        for _ in range(2):
            world.request("Rollback")
            world.settle()
        world.check_in_the_end()
        models = world.models()

        assert [*models, models[1], models[0]] == world.shown


def test_a_model_that_was_refused_is_promoted_by_force_with_the_reason():
    with story() as world:
        world.push()
        world.settle()
        world.push("worse")
        world.settle()
        world.request("Promote", forced="the held-out images are mislabelled")
        world.settle()
        world.check_in_the_end()

        assert ["Automatic", "Forced"] == reasons(world)
        assert "mislabelled" in world.lines()[-1].message


def test_without_force_a_refused_model_stays_where_it_is():
    with story() as world:
        world.push()
        world.settle()
        world.push("worse")
        world.settle()
        text = world.request("Promote")
        world.settle()
        world.check_in_the_end()

        assert ["Automatic"] == reasons(world)
        assert text == world.operator.status["promotion"]["lastHandledRequestAt"]
        assert "Worse" in world.operator.status["promotion"]["lastAnswer"]


def test_a_branch_that_was_moved_by_hand_is_recorded_and_left_alone():
    with story() as world:
        for _ in range(2):
            world.push()
            world.settle()
        first, second = world.models()
        world.move_by_hand(first)
        world.settle()

        assert [first, second, first] == world.shown
        assert ["Automatic", "Automatic", "ByHand"] == reasons(world)


def test_a_model_that_was_compared_with_another_one_is_withheld():
    with story() as world:
        for _ in range(2):
            world.push()
            world.settle()
        world.push()
        while not world.world.reaching():
            world.work(20)
        world.request("Rollback")
        world.settle()
        first, second, _ = world.models()

        assert [first, second, first] == world.shown
        assert ["ChampionChanged"] == reasons(world, Decision.WITHHELD)


@pytest.mark.parametrize("calls", _CALLS)
def test_a_crash_at_any_call_neither_loses_nor_repeats_a_promotion(calls):
    with story() as world:
        world.push()
        world.settle()
        world.push()
        while not world.world.reaching():
            world.work(20)
        for name in world.world.reaching():
            world.world.end_job(name, 0)
        for _ in range(8):  # Closing, publishing, promoting: each dies once.
            world.work(calls)
            world.crash()
            world.check()
        world.settle()
        world.check_in_the_end()

        assert world.models() == world.shown
        assert ["Automatic", "Automatic"] == reasons(world)


@pytest.mark.parametrize("calls", _CALLS)
@pytest.mark.parametrize("kind", ["Promote", "Rollback"])
def test_a_crash_at_any_call_answers_a_request_once(kind, calls):
    with story() as world:
        for each in ("better", "better", "worse"):
            world.push(each)
            world.settle()
        first, second, third = world.models()
        world.request(kind, forced="as an exception")
        for _ in range(3):
            world.work(calls)
            world.crash()
            world.check()
        world.settle()
        world.check_in_the_end()

        last = {"Promote": third, "Rollback": first}[kind]
        assert [first, second, last] == world.shown
        assert 3 == len(world.lines())


_STEPS = st.one_of(
    st.tuples(st.just("push"), st.sampled_from(["better", "equal", "worse", "leaked"])),
    st.tuples(st.just("settle")),
    st.tuples(st.just("work"), st.integers(1, 20)),
    st.tuples(st.just("crash")),
    st.tuples(st.just("ask"), st.sampled_from(["Promote", "Rollback"]), st.booleans()),
    st.tuples(st.just("by hand"), st.integers(0, 5)),
    st.tuples(st.just("fault"), st.integers(0, 20), st.sampled_from(["lost", "twice"])),
)


def do(world, step):
    match step:
        case "push", kind:
            world.push(kind)
        case "work", calls:
            world.work(calls)
        case "ask", kind, forced:
            world.request(kind, forced="because" if forced else "")
        case "by hand", number if world.models():
            models = world.models()
            world.move_by_hand(models[number % len(models)])
        case "fault", calls, kind:
            world.world.turns.calls_well, world.world.turns.fault = calls, kind
        case ("crash",):
            world.crash()
        case ("settle",):
            world.settle()
        case _:
            pass


@tried
@given(st.lists(_STEPS, max_size=25))
def test_whatever_happens_production_is_what_was_promoted(steps):
    with story() as world:
        for step in steps:
            do(world, step)
            world.check()
        world.world.turns.fault = ""
        world.settle()
        world.check_in_the_end()

"""What the data gate promises, whatever happens: schedules of accidents, checked.

Input: pushes of two kinds of data, releases, discards, crashes and the rest of
`model_accidents`. Output: the world after each step and at rest, as `model_gate`
reads it: each commit ends once, what is held is not trained, what is released is.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unit.model_gate import play
from unit.model_schedules import tried

_CALLS = st.integers(0, 20)
_PUSHES = st.sampled_from(["whole", "whole", "whole", "late", "open", "bad"])
_STEPS = st.one_of(
    st.tuples(st.just("push_data"), _PUSHES, st.sampled_from("AAB")),
    st.tuples(st.just("do_well"), st.just(0)),
    st.tuples(st.just("work_until_it_waits"), st.just(0)),
    st.tuples(st.just("work_so_far"), st.just(0), _CALLS),
    st.tuples(st.just("crash_after"), st.just(0), _CALLS),
    st.tuples(st.just("let_go"), st.integers(0, 3)),
    st.tuples(st.just("ask"), st.integers(0, 9)),
    st.tuples(st.just("wait"), st.sampled_from([5, 60, 601])),
    st.tuples(st.just("end_a_job"), st.integers(0, 9), st.sampled_from([0, 0, 1, 137])),
)
_SCHEDULES = st.lists(_STEPS, min_size=3, max_size=25)
_tried = settings(tried, max_examples=tried.max_examples // 2)
_POLICIES = [
    pytest.param({}, id="EveryCommit"),
    pytest.param({"trigger": {"mode": "LatestOnly"}}, id="LatestOnly"),
    pytest.param({"concurrencyPolicy": "Replace"}, id="Replace"),
]


@pytest.mark.parametrize("policy", _POLICIES)
@_tried
@given(schedule=_SCHEDULES)
def test_what_is_held_is_not_trained_and_what_is_released_is(policy, schedule):
    play(*schedule, **policy)


def told(world):
    """The decisions, by the number of the commit, and what asked for a run."""
    number = {each.id: place for place, each in enumerate(world.inputs(), 1)}
    return [
        (number[e.commit], e.reason or e.decision.value)
        for e in world.lines()
        if e.commit
    ]


_HELD, _RELEASED = "DataGateHeld", "DataGateReleased"


@pytest.mark.parametrize("calls", range(0, 48, 3))
def test_a_crash_anywhere_holds_once_and_trains_once_what_is_released(calls):
    world = play(
        ("push_data", "whole", "A"),
        ("do_well", 0),
        ("push_data", "whole", "B"),
        ("crash_after", 0, calls),
        ("work_until_it_waits", 0),
        ("push_data", "whole", "A"),
        ("let_go", 0),
        ("crash_after", 0, calls),
    )

    assert 1 == told(world).count((2, _HELD))
    assert 1 == told(world).count((2, _RELEASED))
    assert 1 == told(world).count((2, "Published"))


def test_later_commits_go_on_while_one_is_held():
    world = play(
        ("push_data", "whole", "A"),
        ("do_well", 0),
        ("push_data", "whole", "B"),
        ("push_data", "whole", "A"),
        ("do_well", 0),
    )

    assert [
        (1, "Published"),
        (2, _HELD),
        (3, "Published"),
        (2, _RELEASED),
        (2, "Published"),
    ] == told(world)


def test_where_only_the_newest_is_wanted_a_newer_one_takes_the_place_of_one_held():
    world = play(
        ("push_data", "whole", "A"),
        ("do_well", 0),
        ("push_data", "whole", "B"),
        ("do_well", 0),
        ("push_data", "whole", "A"),
        ("do_well", 0),
        trigger={"mode": "LatestOnly"},
    )

    assert [
        (1, "Published"),
        (2, _HELD),
        (2, "Superseded"),
        (3, "Published"),
    ] == told(world)


def test_a_run_under_way_is_not_stopped_for_a_commit_that_is_held_then():
    world = play(
        ("push_data", "whole", "A"),
        ("do_well", 0),
        ("push_data", "whole", "A"),
        ("work_until_it_waits", 0),
        ("push_data", "whole", "B"),
        ("work_until_it_waits", 0),
        ("end_a_job", 0, 0),
        ("work_until_it_waits", 0),
        concurrencyPolicy="Replace",
    )

    assert [(1, "Published"), (2, "Published"), (3, _HELD)] == told(world)[:3]
    assert 3 == len(world.kubernetes.ever)


def test_a_run_by_hand_trains_what_is_held_and_ends_the_hold():
    world = play(
        ("push_data", "whole", "A"),
        ("do_well", 0),
        ("push_data", "whole", "B"),
        ("do_well", 0),
        ("ask", 1),
        ("do_well", 0),
    )

    assert [(1, "Published"), (2, _HELD), (2, "Published")] == told(world)


def test_what_somebody_discards_is_not_trained():
    world = play(
        ("push_data", "whole", "A"),
        ("do_well", 0),
        ("push_data", "whole", "B"),
        ("do_well", 0),
        ("discard", 0),
        ("do_well", 0),
    )

    assert [(1, "Published"), (2, _HELD), (2, "Discarded")] == told(world)


@_tried
@given(schedule=_SCHEDULES)
def test_a_warning_holds_nobody_and_is_written_once(schedule):
    world = play(*schedule, mode="Warn")
    warned = [each.commit for each in world.lines() if each.decision == "Warned"]

    assert not world.ledger().held
    assert len(warned) == len(set(warned))

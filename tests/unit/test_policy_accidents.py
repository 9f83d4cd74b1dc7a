"""Accidents that went wrong once, or could, told step by step.

Input: a schedule for the model world, see `model_accidents`. Output: what a user
finds afterwards; `play` checks besides all that holds for any schedule.
"""

import pytest

from mnist_operator.decisions import Decision
from unit.model_schedules import play

_ALLOW = {"concurrencyPolicy": "Allow", "maxParallel": 3}
_LATEST = {"trigger": {"mode": "LatestOnly"}}


def told(world):
    """The decisions about commits in their turn, by the number of the commit."""
    number = {each.id: place for place, each in enumerate(world.inputs(), 1)}
    lines = [each for each in world.entries() if not each.request]
    return [(number[e.commit], e.reason or e.decision.value) for e in lines]


def answers(world):
    """What became of each request."""
    return [(e.request, e.decision.value) for e in world.entries() if e.request]


def test_a_commit_that_was_finished_behind_the_head_takes_the_place_of_older_ones():
    world = play(
        ("push", "whole"),
        ("work_until_it_waits", 0),
        ("push", "open"),
        ("work_until_it_waits", 0),
        ("push", "bad"),  # Finishes the one before it.
        ("do_well", 0),
        doubts=True,
        concurrencyPolicy="Replace",
    )

    assert [(1, "Superseded"), (2, "Published"), (3, "InputErrored")] == told(world)


def test_a_run_by_hand_of_the_head_loses_no_commit_before_it():
    world = play(
        ("apply", {"trigger": {"debounceSeconds": 30}}),
        ("push", "whole"),
        ("work_until_it_waits", 0),
        ("push", "whole"),
        ("ask", 1),
        ("do_well", 0),
        ("push", "whole"),
        ("work_until_it_waits", 0),
        ("wait", 60),
        *(2 * [("do_well", 0)]),
        doubts=True,
    )

    assert [(1, "Published"), (3, "Published")] == told(world)
    assert [("request 1", "Published")] == answers(world)


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param({"mode": "EveryCommit"}, id="every-commit"),
        pytest.param({"mode": "LatestOnly"}, id="the-latest-only"),
        pytest.param({"mode": "LatestOnly", "minCommits": 3}, id="the-third-at-least"),
    ],
)
def test_pushes_that_never_pause_are_trained_all_the_same(policy):
    """The first model comes after some 300 s, and not after 30 s without a push."""
    steps = [("push", "whole"), ("do_well", 0), ("wait", 20)]

    world = play(*(25 * steps), doubts=True, trigger={**policy, "debounceSeconds": 30})

    pushed = [each.started for each in world.inputs()]
    first = next(e.time for e in world.entries() if e.decision is Decision.PUBLISHED)
    waited = (first - pushed[0]).total_seconds()
    assert 300 < waited < 340
    assert first < pushed[-1]


def test_a_push_between_being_due_and_being_started_begins_no_other_wait():
    wave = [*(16 * [("push", "whole"), ("wait", 20)])]
    world = play(
        ("push", "whole"),
        ("do_well", 0),
        *wave,
        ("work_so_far", 0, 1000),  # The older ones are superseded.
        ("push", "whole"),
        ("do_well", 0),
        ("push", "whole"),
        doubts=True,
        trigger={"mode": "LatestOnly", "startFrom": "Earliest", "debounceSeconds": 30},
    )

    published = [n for n, said in told(world) if said == "Published"]
    assert [18, 19] == published


def test_an_older_commit_is_not_kept_waiting_by_one_that_waits_for_it():
    play(
        ("apply", {"trigger": {"startFrom": "Next"}}),
        ("push", "whole"),
        ("do_well", 0),
        ("push", "whole"),
        ("work_until_it_waits", 0),
        ("apply", {"trigger": {"startFrom": "Earliest"}}),
        ("touch_a_job", 0, "vanish"),
    )


def test_one_at_a_time_where_a_newer_run_has_ended_and_an_older_one_was_given_up():
    world = play(
        ("push", "whole"),
        ("push", "whole"),
        ("apply", {"trigger": {"startFrom": "Earliest"}}),
        ("work_until_it_waits", 0),
        ("end_a_job", 1, 0),
        ("work_until_it_waits", 0),
        ("recreate", False, True),
        ("apply", {"concurrencyPolicy": "Forbid"}),
        ("do_well", 0),
        **_ALLOW,
    )

    assert [(1, "Published"), (2, "Published")] == told(world)


def test_a_failure_that_is_written_late_does_not_undo_a_model():
    world = play(
        ("push", "whole"),
        ("work_until_it_waits", 0),
        ("end_a_job", 0, 137),
        ("apply", {"attempts": {"limit": 1}}),
        ("work_so_far", 0, 20),
        ("work_so_far", 0, 0),  # It decides to record the failure, and stands still.
        ("apply", {"attempts": {"limit": 3}}),
        ("wait", 60),
        ("do_well", 1),
        ("work_so_far", 0, 20),
    )

    assert [(1, "Published")] == told(world)


def test_a_request_is_answered_once_where_two_operators_take_two_commits_for_it():
    world = play(
        ("push", "whole"),
        ("work_until_it_waits", 0),
        ("ask", -2),
        ("work_so_far", 0, 0),  # The first will run it for the first commit,
        ("end_a_job", 0, 0),
        ("work_so_far", 1, 40),
        ("work_so_far", 1, 40),
        ("push", "whole"),
        ("work_so_far", 1, 0),  # the second for the second one, in another slot.
        ("work_so_far", 0, 40),
        ("work_so_far", 1, 40),
        ("end_a_job", 1, 0),
        ("work_so_far", 1, 40),
        ("work_so_far", 1, 0),
        ("end_a_job", 0, 0),
        ("work_so_far", 0, 40),
        ("work_so_far", 0, 40),
        ("work_so_far", 1, 40),
        **_ALLOW,
    )

    assert [("request 1", "Published")] == answers(world)


@pytest.mark.parametrize("calls", range(12))
def test_a_run_that_outlives_its_training_gives_its_model_to_who_applies_it_anew(calls):
    world = play(
        ("push", "whole"),
        ("crash_after", 0, 1),
        ("work_so_far", 0, calls),
        ("recreate", True, True),
        ("work_until_it_waits", 1),
        deletionPolicy="Orphan",
    )

    assert 1 == len(world.kubernetes.ever)
    assert [(1, "Published")] == told(world)


@pytest.mark.parametrize("calls", range(0, 60, 4))
@pytest.mark.parametrize(
    "policy",
    [
        pytest.param(_LATEST, id="LatestOnly"),
        pytest.param(_ALLOW, id="Allow"),
        pytest.param({"concurrencyPolicy": "Replace"}, id="Replace"),
        pytest.param({"onSpecChange": "RetrainLatest"}, id="RetrainLatest"),
        pytest.param({"deletionPolicy": "Orphan"}, id="Orphan"),
    ],
)
def test_a_crash_anywhere_loses_no_commit_and_no_request(policy, calls):
    play(
        ("push", "whole"),
        ("push", "whole"),
        ("crash_after", 0, calls),
        ("work_so_far", 0, calls),
        ("push", "whole"),
        ("ask", 0),
        ("apply", {"trainer": {"image": "trainer:2"}}),
        ("crash_after", 0, calls),
        ("end_a_job", 0, 0),
        ("work_until_it_waits", 0),
        ("recreate", True, False),
        ("crash_after", 0, calls),
        doubts=True,
        **policy,
    )

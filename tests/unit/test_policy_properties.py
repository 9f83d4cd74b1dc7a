"""Each policy keeps its promise, whatever happens: schedules of accidents, checked.

Input: any order of pushes, requests, changes of the spec, failing jobs, crashes and
the rest of `model_accidents`, with one policy from the first step to the last; and
with all of them in turn. Output: the world after each step, and after everything was
given the time to settle, as `model_checks` reads it.
"""

from hypothesis import given

from unit.model_checks import Restraint, check_newest, check_retrained
from unit.model_schedules import (
    COMMON,
    POLICIES,
    lonely_schedules,
    play,
    schedules,
    tried,
)

_ANY_POLICY = (*COMMON, *POLICIES)


@tried
@given(schedule=lonely_schedules())
def test_each_commit_has_its_turn_and_one_runs_at_a_time(schedule):
    play(*schedule, check=Restraint(), doubts=True)


@tried
@given(schedule=schedules())
def test_the_newest_commit_is_trained_where_only_the_latest_is_wanted(schedule):
    check_newest(play(*schedule, trigger={"mode": "LatestOnly"}))


@tried
@given(schedule=lonely_schedules())
def test_one_operator_passes_over_no_commit_but_older_ones(schedule):
    mode = {"mode": "LatestOnly"}
    check_newest(play(*schedule, check=Restraint(), doubts=True, trigger=mode))


@tried
@given(schedule=schedules())
def test_runs_side_by_side_are_published_in_order(schedule):
    play(*schedule, concurrencyPolicy="Allow", maxParallel=3)


@tried
@given(schedule=lonely_schedules())
def test_no_more_runs_are_side_by_side_than_are_allowed(schedule):
    allowed = {"concurrencyPolicy": "Allow", "maxParallel": 3}
    play(*schedule, check=Restraint(), doubts=True, **allowed)


@tried
@given(schedule=schedules())
def test_a_run_is_replaced_by_the_newest_commit_and_that_is_recorded(schedule):
    check_newest(play(*schedule, concurrencyPolicy="Replace"))


@tried
@given(schedule=lonely_schedules())
def test_one_runs_at_a_time_also_where_the_newest_replaces_it(schedule):
    check_newest(
        play(*schedule, check=Restraint(), doubts=True, concurrencyPolicy="Replace")
    )


@tried
@given(schedule=schedules())
def test_a_new_trainer_is_tried_on_the_newest_commit_that_ran(schedule):
    check_retrained(play(*schedule, onSpecChange="RetrainLatest"))


@tried
@given(schedule=schedules())
def test_what_outlives_its_training_is_neither_lost_nor_repeated(schedule):
    play(*schedule, deletionPolicy="Orphan")


@tried
@given(schedule=schedules(changes=_ANY_POLICY))
def test_no_change_of_policy_loses_repeats_or_mixes_up_a_commit(schedule):
    play(*schedule)


@tried
@given(schedule=lonely_schedules(changes=_ANY_POLICY))
def test_what_an_operator_remembers_changes_no_decision(schedule):
    play(*schedule, check=Restraint(), doubts=True)

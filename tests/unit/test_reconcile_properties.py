"""What holds, whatever dies: schedules of accidents, and a check after every step.

Input: any order of pushes, moved heads, failing jobs, crashes, second operators,
new specs and new MnistTrainings. Output: the world after each step, and after
everything was given the time to settle. See `model_world` for what is real in it.
"""

import pytest
from hypothesis import example, given

from unit.model_schedules import play, schedules, tried

_AN_EARLIER_START_DURING_A_RUN = [
    ("push", "whole"),
    ("push", "whole"),
    ("work_until_it_waits", 0),
    ("apply", {"trigger": {"startFrom": "Earliest"}}),
    ("end_a_job", 0, 0),
    *(3 * [("crash_after", 0, 40)]),
]
_TWO_OPERATORS_CHOOSE_A_START = [
    ("work_so_far", 1, 0),
    ("push", "whole"),
    ("push", "bad"),
    ("look_while_the_other_acts", 0, 1, 1),
    ("crash_after", 1, 1),
    ("work_until_it_waits", 0),
]


@tried
@given(schedule=schedules())
@example(schedule=_AN_EARLIER_START_DURING_A_RUN)
@example(schedule=_TWO_OPERATORS_CHOOSE_A_START)
def test_no_accident_loses_repeats_or_mixes_up_a_commit(schedule):
    play(*schedule)


@pytest.mark.parametrize("calls", range(0, 60, 2))
def test_a_crash_anywhere_in_a_commits_life_changes_nothing(calls):
    play(
        ("push", "whole"),
        ("crash_after", 0, calls),
        ("do_well", 0),
        ("push", "whole"),
        ("work_until_it_waits", 0),
        ("end_a_job", 0, 0),
        ("work_so_far", 0, 30),
        ("crash_after", 0, calls),
        ("do_well", 0),
    )


@pytest.mark.parametrize("calls", range(0, 30, 2))
def test_two_operators_publish_one_model_however_they_come_between(calls):
    play(
        ("push", "whole"),
        ("work_until_it_waits", 0),
        ("end_a_job", 0, 0),
        ("work_so_far", 0, 6),  # The attempt is closed.
        ("work_so_far", 1, 0),  # The second operator decides to publish.
        ("work_so_far", 0, calls),
        ("work_so_far", 1, 5),
        ("work_until_it_waits", 0),
        ("work_until_it_waits", 1),
    )

"""What holds, whatever dies: schedules of accidents, and a check after every step.

Input: any order of pushes, moved heads, failing jobs, crashes, second operators,
new specs and new MnistTrainings. Output: the world after each step, and after
everything was given the time to settle. See `model_world` for what is real in it.
"""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mnist_operator import runs
from mnist_operator.commits import CommitState
from mnist_operator.ledger import Decision
from mnist_operator.lineage import LINEAGE_FILE
from unit.builders import training
from unit.model_accidents import Accidents
from unit.model_world import MODEL, model_of, settle

_ANY = st.integers(0, 9)
"""An index into whatever there is at that moment."""
_WHO = st.integers(0, 1)
_CALLS = st.integers(0, 20)
_PUSHES = ("whole", "whole", "late", "open", "bad")
_CODES = (0, 0, 0, 0, 1, 137, None)
_STEPS = st.one_of(
    # What is meant to happen, twice, so that it happens often.
    *2
    * (
        st.tuples(st.just("push"), st.sampled_from(_PUSHES)),
        st.tuples(st.just("end_a_job"), _ANY, st.sampled_from(_CODES)),
        st.tuples(st.just("work_until_it_waits"), _WHO),
        st.tuples(st.just("do_well"), _WHO),
        st.tuples(st.just("work_so_far"), _WHO, _CALLS),
    ),
    # What is not.
    st.tuples(st.just("crash_after"), _WHO, _CALLS),
    st.tuples(st.just("look_while_the_other_acts"), _WHO, _CALLS, st.integers(0, 6)),
    st.tuples(st.just("wait"), st.sampled_from([5, 60, 601, 3600])),
    st.tuples(st.just("rewrite_history"), _ANY, st.sampled_from(["move", "squash"])),
    st.tuples(st.just("touch_a_job"), _ANY, st.sampled_from(["vanish", "delete"])),
    st.tuples(st.just("start_a_pod"), _ANY),
    st.tuples(st.just("apply"), st.booleans(), st.integers(1, 2)),
    st.tuples(st.just("start_from"), st.sampled_from(["Latest", "Next", "Earliest"])),
    st.tuples(st.just("recreate"), st.booleans()),
    st.tuples(st.just("use_the_output_branch"), st.booleans()),
)
_SCHEDULES = st.integers(5, 60).flatmap(
    lambda length: st.lists(_STEPS, min_size=length, max_size=length)
)

_AN_EARLIER_START_DURING_A_RUN = [
    ("push", "whole"),
    ("push", "whole"),
    ("work_until_it_waits", 0),
    ("start_from", "Earliest"),
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


@settings(derandomize=True, deadline=None, max_examples=100, database=None)
@given(schedule=_SCHEDULES)
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


def play(*schedule):
    with Accidents() as accidents:
        for name, *arguments in schedule:
            getattr(accidents, name)(*arguments)
            check_at_any_time(accidents.world)

        accidents.end()
        settled = settle(accidents.world)

        assert settled, accidents.world.tell()
        check_at_any_time(accidents.world)
        check_in_the_end(accidents.world)


def check_at_any_time(world):
    models, decisions = world.models(), world.decisions()

    assert [] == [commit for commit, found in models.items() if len(found) > 1]
    assert [] == [commit for commit, found in decisions.items() if len(found) > 1]
    assert [] == [c for c in models if decisions[c] - {Decision.PUBLISHED}]
    for model in (each for found in models.values() for each in found):
        files = world.pachyderm.content[model.commit]
        assert model_of(model.input_commit, model.run) == files[MODEL]
        assert LINEAGE_FILE in files


def check_in_the_end(world):
    decisions = world.decisions()
    published = {c for c, found in decisions.items() if Decision.PUBLISHED in found}

    assert [] == [each.id for each in world.expected() if not decisions[each.id]]
    assert set(world.models()) == published
    assert not is_open(world, runs.slot_branch(training()))
    assert not is_open(world, world.outputs)


def is_open(world, branch):
    head = world.pachyderm.head_now(branch)
    return head is not None and head.state is CommitState.OPEN

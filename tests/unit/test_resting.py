"""Who is settled, and may be looked at rarely: only news could change a decision."""

from datetime import timedelta

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.plan import Plan, Publish, Story
from mnist_operator.resting import is_ours, is_settled
from mnist_operator.selectors import parse_selector
from mnist_operator.status import Reason
from mnist_operator.tfjob import JobPhase
from unit.builders import NOW, attempt, commit, job, observed, source

DONE = Plan(Story(Reason.UP_TO_DATE, "", ready="True"))


def test_one_with_nothing_to_do_is_settled():
    assert is_settled(observed(), DONE)


def test_one_whose_user_must_act_is_settled():
    stopped = Story(Reason.STOPPED_AFTER_FAILURES, "", ready="False", stalled=True)

    assert is_settled(observed(), Plan(stopped))


@pytest.mark.parametrize(
    ("seen", "plan"),
    [
        pytest.param(
            observed(), Plan(DONE.story, (Publish(attempt()),)), id="something-to-do"
        ),
        pytest.param(
            observed(),
            Plan(DONE.story, look_again_at=NOW + timedelta(hours=9)),
            id="a-time-to-look-again",
        ),
        pytest.param(
            observed(),
            Plan(Story(Reason.RETRYING, "", reconciling=True)),
            id="something-under-way",
        ),
        pytest.param(observed(rival="team/older"), DONE, id="an-older-training"),
        pytest.param(observed(attempts=(attempt(),)), DONE, id="an-open-attempt"),
        pytest.param(
            observed(output_holder=commit(7)), DONE, id="a-head-held-by-others"
        ),
        pytest.param(observed(orphan="x"), DONE, id="a-stray-head"),
        pytest.param(
            observed(source=source(head=commit(state=CommitState.OPEN))),
            DONE,
            id="an-open-head",
        ),
    ],
)
def test_whatever_time_or_others_may_change_is_looked_at_often(seen, plan):
    assert not is_settled(seen, plan)


def test_tfjobs_that_have_ended_change_no_more():
    ended = job(phase=JobPhase.SUCCEEDED)
    running = job(phase=JobPhase.RUNNING)

    assert is_settled(observed(jobs=[ended]), DONE)
    assert not is_settled(observed(jobs=[running]), DONE)


@pytest.mark.parametrize(
    ("meta", "ours"),
    [
        ({"labels": {"team": "a"}}, True),
        ({"labels": {"team": "b"}}, False),
        ({}, False),
        ({"labels": {"team": "a"}, "deletionTimestamp": "now"}, False),
    ],
)
def test_what_is_selected_and_not_deleted_is_followed(meta, ours):
    assert ours is is_ours({"metadata": meta}, parse_selector("team=a"))

"""What was just done is seen without a look, and is what a look would see."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mnist_operator import foresight, runs
from mnist_operator.commits import CommitState
from mnist_operator.plan import (
    CloseAttempt,
    CreateJob,
    DeleteJob,
    OpenAttempt,
    Plan,
    Publish,
    Story,
)
from mnist_operator.reconcile import reconcile
from mnist_operator.runs import Outcome, Verdict
from mnist_operator.status import Reason
from mnist_operator.tfjob import JobPhase
from unit.builders import NOW, RUNS, attempt, commit, job, observed, source

_OPEN = commit(state=CommitState.FINISHING)
_FACTS = {"pod": "mnist-worker-0", "startedAt": "2026-01-01T11:00:00Z"}


def _decide(seen):
    return reconcile(seen, now=NOW)


def _closed(outcome, of=None):
    of = of or attempt()
    seen = observed(attempt=of, jobs=[job(of, phase=JobPhase.SUCCEEDED)])
    description = runs.describe_outcome(of, outcome, _FACTS)
    return foresight.with_closed(seen, of, description, NOW)


def test_an_attempt_that_was_opened_waits_for_its_data():
    before = observed(source=source(_OPEN))
    assert isinstance(_decide(before).actions[0], OpenAttempt)

    plan = _decide(foresight.with_attempt(before, attempt(), _OPEN))

    assert () == plan.actions
    assert Reason.WAITING_FOR_COMMIT is plan.story.reason


def test_an_attempt_that_was_opened_takes_the_place_of_the_one_before():
    before, after = attempt(1, slot=1), attempt(2, slot=1)
    other = attempt(1, commit_number=2)
    seen = replace(observed(), attempts=(before, other))

    found = foresight.with_attempt(seen, after, commit())

    assert (other, after) == found.attempts


def test_a_job_that_was_created_starts():
    before = observed(attempt=attempt(), input_commit=commit(), source=source(commit()))
    assert (CreateJob(attempt()),) == _decide(before).actions

    found = foresight.with_job(before, job())

    assert () == _decide(found).actions
    assert Reason.STARTING is _decide(found).story.reason
    assert {job().name} <= found.created


def test_what_was_closed_with_success_is_published():
    found = _closed(Outcome(Verdict.SUCCEEDED))

    plan = _decide(found)

    (published,) = plan.actions
    assert foresight.may_act(plan)
    assert published == Publish(found.attempts[0])
    assert published.attempt.facts == _FACTS


@pytest.mark.parametrize("slot", [0, 3])
def test_it_is_what_a_look_reads_of_the_closed_commit(slot):
    of, outcome = attempt(slot=slot), Outcome(Verdict.FAILED, "ExitCode", "It broke.")
    description = runs.describe_outcome(of, outcome, _FACTS)
    looked = runs.read_attempt(
        replace(
            commit(of.staging, repo=RUNS, description=description, started=of.opened),
            finishing=NOW + timedelta(seconds=1),
            finished=None,
        )
    )

    (found,) = _closed(outcome, of).attempts

    assert replace(looked, slot=slot, closed=NOW) == found


def test_a_description_that_says_nothing_foresees_nothing():
    assert foresight.with_closed(observed(), attempt(), "by hand", NOW) is None


@pytest.mark.parametrize(
    "action",
    [
        CreateJob(attempt()),
        DeleteJob("mnist-1"),
        CloseAttempt(attempt(), Outcome(Verdict.SUCCEEDED)),
    ],
)
def test_for_anything_but_a_publication_there_is_a_look_first(action):
    plan = Plan(Story(Reason.TRAINING, "So it goes."), (Publish(attempt()), action))

    assert not foresight.may_act(plan)


def test_where_nothing_is_planned_there_is_nothing_to_act_upon():
    assert not foresight.may_act(Plan(Story(Reason.TRAINING, "So it goes.")))

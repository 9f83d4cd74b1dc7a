"""The one decision, rung by rung, and which rung goes before which.

Input: what is observed, in words. Output: the plan's actions, the reason that is
told, and when to look again. What becomes of an open attempt is in test_attempts,
where following begins in test_beginnings.
"""

from dataclasses import replace

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.decisions import Decision
from mnist_operator.outcomes import retry_at
from mnist_operator.plan import (
    CreateJob,
    DeleteJob,
    GiveUp,
    Publish,
    Record,
)
from mnist_operator.reconcile import reconcile
from mnist_operator.runs import Verdict
from mnist_operator.status import Reason
from mnist_operator.tfjob import JobPhase
from unit.builders import (
    NOW,
    ago,
    attempt,
    closed,
    commit,
    entry,
    ident,
    job,
    ledger,
    observed,
    opening,
    source,
    training,
)

_SUSPENDED = training(suspend=True)
_GOOD = closed(attempt())
_RETRYABLE = closed(attempt(), Verdict.FAILED, reason="PodLost", retryable=True)
_HOPELESS = closed(attempt(), Verdict.FAILED, reason="DataInvalid", message="No data.")
_STRAY = job(attempt(commit_number=9))
_BAD = commit(state=CommitState.ERRORED)
_NOTHING = {"source": source(), "ledger": ledger(entry(1))}


def decide(**fields):
    return reconcile(observed(**fields), now=NOW)


@pytest.mark.parametrize(
    ("fields", "actions", "reason"),
    [
        pytest.param(
            {"unrecorded": (entry(1),)},
            (Record((entry(1),)),),
            Reason.PUBLISHING,
            id="a model is not in the ledger: record it",
        ),
        pytest.param(
            {"orphan": ident(0xF001), **_NOTHING},
            (GiveUp(ident(0xF001)),),
            Reason.PUBLISHING,
            id="an output commit of ours was opened too late: give it up",
        ),
        pytest.param(
            {"jobs": [_STRAY], "source": source()},
            (DeleteJob(_STRAY.name),),
            Reason.TRAINING,
            id="a job runs that no open attempt is for: delete it",
        ),
        pytest.param(
            {"jobs": [job()], "attempt": _GOOD},
            (DeleteJob(job().name),),
            Reason.TRAINING,
            id="the job of a closed attempt runs on: delete it",
        ),
        pytest.param(
            {"attempt": attempt()},
            (CreateJob(attempt()),),
            Reason.STARTING,
            id="an attempt is open: follow it",
        ),
        pytest.param(
            {"attempt": _GOOD},
            (Publish(_GOOD),),
            Reason.PUBLISHING,
            id="an attempt succeeded: publish it",
        ),
        pytest.param(
            {"attempt": _RETRYABLE},
            (opening(commit(), 2),),
            Reason.RETRYING,
            id="an attempt failed, its backoff is over: open the next",
        ),
        pytest.param(
            {},
            (opening(commit(), 1),),
            Reason.STARTING,
            id="a commit waits: open an attempt for it",
        ),
        pytest.param(
            {"source": source(commit(2), commit(3))},
            (opening(commit(2), 1),),
            Reason.STARTING,
            id="two commits wait: open an attempt for the older one",
        ),
        pytest.param(
            {"source": source(commit(state=CommitState.OPEN, started=ago(60)))},
            (opening(commit(state=CommitState.OPEN, started=ago(60)), 1),),
            Reason.STARTING,
            id="a commit is being written: have an attempt ready",
        ),
        pytest.param(
            {"source": source(commit(state=CommitState.OPEN, started=ago(600)))},
            (),
            Reason.WAITING_FOR_COMMIT,
            id="a commit was left open: hold nothing ready",
        ),
        pytest.param(_NOTHING, (), Reason.UP_TO_DATE, id="all is decided: wait"),
        pytest.param(
            {"training": _SUSPENDED},
            (),
            Reason.SUSPENDED,
            id="suspended: wait",
        ),
    ],
)
def test_each_rung_of_the_ladder(fields, actions, reason):
    plan = decide(**fields)

    assert actions == plan.actions
    assert reason is plan.story.reason


@pytest.mark.parametrize(
    "given_up",
    [
        pytest.param(job(phase=JobPhase.SUCCEEDED), id="it has ended"),
        pytest.param(replace(job(), deleting=True), id="it is being deleted already"),
        pytest.param(replace(job(), staging=""), id="it writes to no run of ours"),
    ],
)
def test_a_job_that_is_no_threat_is_left_alone(given_up):
    assert (Publish(_GOOD),) == decide(jobs=[given_up], attempt=_GOOD).actions


def test_another_output_head_held_open_delays_publishing():
    plan = decide(attempt=_GOOD, output_holder=commit(7))

    assert () == plan.actions
    assert (Reason.OUTPUT_BUSY, ago(-5)) == (plan.story.reason, plan.look_again_at)
    assert ident(7) in plan.story.message


@pytest.mark.parametrize(
    ("number", "seconds"),
    [
        pytest.param(1, 10, id="after the first: backoffSeconds"),
        pytest.param(2, 20, id="after the second: twice that"),
        pytest.param(5, 160, id="after the fifth: sixteen times"),
        pytest.param(20, 3600, id="never more than an hour"),
    ],
)
def test_the_backoff_doubles_with_every_attempt(number, seconds):
    failed = closed(attempt(number), Verdict.FAILED, at=NOW, retryable=True)

    at = retry_at(observed(), failed)

    assert ago(-seconds) <= at <= ago(-1.25 * seconds)


def test_attempts_that_failed_together_do_not_come_back_together():
    base = closed(attempt(), Verdict.FAILED, at=NOW, retryable=True)
    lost = [
        replace(base, staging=f"{n:08x}" + "0" * 24) for n in range(0, 2**32, 2**28)
    ]

    times = [retry_at(observed(), each) for each in lost]

    assert len(set(times)) == len(times)
    assert times == [retry_at(observed(), each) for each in lost]


def test_the_next_attempt_waits_for_its_backoff_and_tells_why():
    failed = replace(_RETRYABLE, closed=ago(9))

    plan = decide(attempt=failed)

    assert () == plan.actions
    assert Reason.RETRYING is plan.story.reason
    assert retry_at(observed(), failed) == plan.look_again_at
    assert "Attempt 1 of 3" in plan.story.message
    assert "PodLost" in plan.story.message


@pytest.mark.parametrize(
    ("failed", "reason"),
    [
        pytest.param(_HOPELESS, "DataInvalid", id="it would fail again"),
        pytest.param(
            closed(attempt(3), Verdict.FAILED, reason="PodLost", retryable=True),
            "PodLost",
            id="the limit of attempts is reached",
        ),
    ],
)
def test_a_commit_that_cannot_be_trained_is_recorded_as_failed(failed, reason):
    plan = decide(attempt=failed)

    ((line,),) = (action.entries for action in plan.actions)
    assert (Decision.FAILED, ident(1), reason) == (
        line.decision,
        line.commit,
        line.reason,
    )
    assert (failed.staging, failed.number) == (line.run, line.attempt)
    assert (NOW, failed.digest) == (line.time, failed.digest)
    assert Reason.TRAINING_FAILED is plan.story.reason


@pytest.mark.parametrize(
    ("fields", "commit_id", "reason"),
    [
        pytest.param(
            {"source": source(_BAD)}, ident(1), "InputErrored", id="it has an error"
        ),
        pytest.param(
            {"source": source(gone=ident(5))}, ident(5), "InputGone", id="it is gone"
        ),
        pytest.param(
            {"source": source(_BAD), "training": _SUSPENDED},
            ident(1),
            "InputErrored",
            id="it has an error, and all is suspended",
        ),
    ],
)
def test_a_commit_without_data_is_skipped_and_recorded(fields, commit_id, reason):
    plan = decide(**fields)

    ((line,),) = (action.entries for action in plan.actions)
    assert (Decision.SKIPPED, commit_id, reason) == (
        line.decision,
        line.commit,
        line.reason,
    )
    assert commit_id in plan.story.message


@pytest.mark.parametrize(
    ("last", "number"),
    [
        pytest.param(
            closed(attempt(2), Verdict.ABANDONED), 2, id="one was given up: again"
        ),
        pytest.param(
            closed(attempt(2, commit_number=7), Verdict.FAILED, retryable=True),
            1,
            id="one failed for another commit: from the first on",
        ),
        pytest.param(None, 1, id="none yet: the first"),
    ],
)
def test_attempts_are_counted_by_failures_alone(last, number):
    assert (opening(commit(), number),) == decide(attempt=last).actions


def test_a_failure_whose_commit_left_the_branch_is_not_tried_again():
    plan = decide(attempt=_RETRYABLE, source=source(commit(2)))

    assert (opening(commit(2), 1),) == plan.actions

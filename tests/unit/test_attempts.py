"""What becomes of an open attempt.

Input: what is observed of its TFJob, its commit and its training. Output: the
plan's actions, how the attempt ends, what is told, when to look again.
"""

from dataclasses import replace

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.outcomes import follow
from mnist_operator.plan import CloseAttempt, CreateJob, DeleteJob
from mnist_operator.runs import Outcome, Verdict
from mnist_operator.status import Reason
from mnist_operator.tfjob import JobPhase
from unit.builders import (
    NOW,
    ago,
    attempt,
    closed,
    commit,
    entry,
    job,
    ledger,
    observed,
    source,
    training,
)

_JOB = job()
_GIVEN_UP = Verdict.ABANDONED


def seen(*, opened=None, **fields):
    return observed(attempt=opened or attempt(), **fields)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"attempt": None}, id="there is no attempt"),
        pytest.param({"attempt": closed(attempt())}, id="the attempt is closed"),
    ],
)
def test_without_an_open_attempt_there_is_nothing_to_follow(fields):
    assert None is follow(observed(**fields), NOW)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param(
            {"ledger": ledger(entry(1)), "jobs": [_JOB]},
            "AlreadyDecided",
            id="its commit was decided by somebody else",
        ),
        pytest.param(
            {"training": training(uid="uid-2"), "jobs": [_JOB]},
            "Recreated",
            id="the MnistTraining was deleted and applied again",
        ),
        pytest.param(
            {"jobs": [replace(_JOB, owner_uid="somebody")]},
            "NameTaken",
            id="a TFJob of that name belongs to somebody else",
        ),
        pytest.param(
            {"jobs": [replace(_JOB, staging="other")]},
            "NameTaken",
            id="a TFJob of that name writes somewhere else",
        ),
        pytest.param(
            {"input_commit": None}, "InputGone", id="its input commit was squashed"
        ),
        pytest.param(
            {"input_commit": commit(state=CommitState.ERRORED)},
            "InputGone",
            id="its input commit was finished with an error",
        ),
        pytest.param(
            {"source": source()}, "NotNext", id="no commit waits on the branch any more"
        ),
        pytest.param(
            {"source": source(commit(2))},
            "NotNext",
            id="the head moved, and another commit comes first",
        ),
        pytest.param(
            {"training": training(trainer={"image": "other"})},
            "SpecChanged",
            id="the spec changed before its job was created",
        ),
        pytest.param(
            {"training": training(trainer={"image": "other"}, suspend=True)},
            "SpecChanged",
            id="the spec changed while it was suspended",
        ),
    ],
)
def test_an_attempt_that_nobody_asks_for_any_more_is_given_up(fields, reason):
    plan = follow(seen(**fields), NOW)

    (close,) = plan.actions
    assert (_GIVEN_UP, reason) == (close.outcome.verdict, close.outcome.reason)
    assert attempt() == close.attempt
    assert plan.story.reconciling


def test_a_changed_spec_lets_a_job_that_exists_go_on():
    changed = training(trainer={"image": "other"})

    plan = follow(seen(training=changed, jobs=[_JOB]), NOW)

    assert () == plan.actions


def test_the_job_is_created_as_soon_as_the_data_is_there():
    plan = follow(seen(), NOW)

    assert (CreateJob(attempt()),) == plan.actions
    assert Reason.STARTING is plan.story.reason


def test_no_job_is_created_while_suspended():
    assert None is follow(seen(training=training(suspend=True)), NOW)


@pytest.mark.parametrize(
    ("input_commit", "again", "words"),
    [
        pytest.param(
            commit(state=CommitState.OPEN, started=ago(60)),
            ago(60 - 600),
            "to be finished",
            id="it is being written for a minute",
        ),
        pytest.param(
            commit(state=CommitState.FINISHING, started=ago(60)),
            ago(60 - 600),
            "to be finished",
            id="pachd is finishing it",
        ),
        pytest.param(
            commit(state=CommitState.FINISHING, started=ago(3600)),
            None,
            "to be finished",
            id="pachd is finishing a commit that was open for an hour",
        ),
        pytest.param(
            commit(state=CommitState.OPEN, started=ago(600)),
            None,
            "finish it or drop it",
            id="it was left open for ten minutes",
        ),
    ],
)
def test_an_attempt_waits_for_its_commit_to_be_finished(input_commit, again, words):
    fields = {"source": source(input_commit), "input_commit": input_commit}

    plan = follow(seen(**fields), NOW)

    assert () == plan.actions
    assert again == plan.look_again_at
    assert Reason.WAITING_FOR_COMMIT is plan.story.reason
    assert words in plan.story.message
    left_open = Reason.COMMIT_LEFT_OPEN if "finish it" in words else None
    assert left_open is plan.story.event


@pytest.mark.parametrize(
    ("ended", "verdict", "reason", "retryable"),
    [
        pytest.param({"exit_code": 0}, Verdict.SUCCEEDED, "", False, id="exit code 0"),
        pytest.param(
            {"exit_code": 1}, Verdict.FAILED, "TrainerFailed", False, id="exit code 1"
        ),
        pytest.param(
            {"exit_code": 137}, Verdict.FAILED, "TrainerKilled", True, id="killed"
        ),
        pytest.param(
            {"exit_code": None}, Verdict.FAILED, "PodLost", True, id="pod lost"
        ),
    ],
)
def test_a_job_that_ended_closes_its_attempt(ended, verdict, reason, retryable):
    good = verdict is Verdict.SUCCEEDED
    over = job(phase=JobPhase.SUCCEEDED if good else JobPhase.FAILED, **ended)

    plan = follow(seen(jobs=[over]), NOW)

    (close,) = plan.actions
    outcome = close.outcome
    assert over == close.job
    assert (verdict, reason) == (outcome.verdict, outcome.reason)
    assert retryable is outcome.retryable


def test_a_job_ends_also_while_suspended():
    fields = {"training": training(suspend=True)}

    plan = follow(seen(jobs=[job(phase=JobPhase.SUCCEEDED)], **fields), NOW)

    assert [CloseAttempt] == [type(action) for action in plan.actions]


def test_a_job_that_succeeded_late_has_succeeded():
    late = job(phase=JobPhase.SUCCEEDED, created=ago(7200), deleting=True)

    plan = follow(seen(jobs=[late]), NOW)

    assert (CloseAttempt(attempt(), Outcome(Verdict.SUCCEEDED), late),) == plan.actions


_CREATED = {"created": frozenset({_JOB.name})}
_LABELLESS = replace(_JOB, staging="")


@pytest.mark.parametrize(
    ("fields", "deleted"),
    [
        pytest.param(_CREATED, True, id="it is gone, or not found any more"),
        pytest.param(
            {"jobs": [_LABELLESS]} | _CREATED, True, id="it lost the label of its run"
        ),
        pytest.param(
            {"jobs": [replace(_JOB, deleting=True)]}, False, id="it is deleted"
        ),
    ],
)
def test_a_job_that_somebody_took_away_is_lost_and_tried_again(fields, deleted):
    close, *further = follow(seen(**fields), NOW).actions

    assert (Verdict.FAILED, "JobLost") == (close.outcome.verdict, close.outcome.reason)
    assert close.outcome.retryable
    assert [DeleteJob(_JOB.name)] * deleted == further


@pytest.mark.parametrize(
    ("running", "reason", "retryable"),
    [
        pytest.param(
            job(phase=JobPhase.RUNNING, created=ago(3600)),
            "DeadlineExceeded",
            False,
            id="longer than activeDeadlineSeconds",
        ),
        pytest.param(
            job(created=ago(3600)),
            "DeadlineExceeded",
            False,
            id="the run deadline counts before the startup deadline",
        ),
        pytest.param(
            job(created=ago(600), message="ImagePullBackOff"),
            "StartupDeadlineExceeded",
            True,
            id="no pod within startupDeadlineSeconds",
        ),
    ],
)
def test_a_job_out_of_time_is_fenced_off_and_then_deleted(running, reason, retryable):
    plan = follow(seen(jobs=[running]), NOW)

    close, delete = plan.actions
    assert (reason, retryable) == (close.outcome.reason, close.outcome.retryable)
    assert DeleteJob(running.name) == delete
    assert running.message in close.outcome.message


@pytest.mark.parametrize(
    ("waiting", "reason", "again"),
    [
        pytest.param(
            job(phase=JobPhase.RUNNING, created=ago(3599)),
            Reason.TRAINING,
            ago(-1),
            id="it trains: until its deadline",
        ),
        pytest.param(
            job(created=ago(500), message="Unschedulable"),
            Reason.STARTING,
            ago(-10),
            id="its pod does not start: in ten seconds, for its troubles change",
        ),
        pytest.param(
            job(created=ago(599), message="Unschedulable"),
            Reason.STARTING,
            ago(-1),
            id="its pod does not start: at its deadline, when that is sooner",
        ),
    ],
)
def test_a_job_under_way_is_waited_for(waiting, reason, again):
    plan = follow(seen(jobs=[waiting]), NOW)

    assert () == plan.actions
    assert (reason, again) == (plan.story.reason, plan.look_again_at)
    assert waiting.message in plan.story.message

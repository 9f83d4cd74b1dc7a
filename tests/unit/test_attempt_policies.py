"""How the policies bear on an open attempt: queues, requests, a new training, a stop.

Input: an attempt, its TFJob, the training. Output: whether it goes on. What becomes
of its TFJob otherwise is in test_attempts; Replace is in test_successors, several at
once in test_parallel_attempts, runs by hand in test_requested_attempts.
"""

import pytest

from mnist_operator.decisions import Decision
from mnist_operator.outcomes import follow
from mnist_operator.plan import CloseAttempt, CreateJob, DeleteJob
from mnist_operator.runs import Verdict
from mnist_operator.status import Reason
from mnist_operator.tfjob import JobPhase
from unit.builders import (
    NOW,
    ago,
    attempt,
    commit,
    entry,
    ident,
    job,
    ledger,
    observed,
    source,
    training,
)

_ALLOW = training(concurrencyPolicy="Allow", maxParallel=2)
_BOTH = source(commit(1), commit(2))
_MANUAL = attempt(commit_number=7, request="now")


def seen(*attempts, **fields):
    return observed(attempts=attempts or (attempt(),), **fields)


def reason_to_close(plan):
    (close,) = plan.actions
    assert isinstance(close, CloseAttempt)
    return close.outcome.verdict, close.outcome.reason


class TestQueuedTfjob:
    """Suspended by Kueue, or by whoever does that."""

    def test_is_shown_as_such_and_has_no_deadline(self):
        queued = job(phase=JobPhase.SUSPENDED, created=ago(100_000))

        plan = follow(seen(jobs=[queued]), NOW)

        assert ((), None) == (plan.actions, plan.look_again_at)
        assert Reason.QUEUED is plan.story.reason
        assert queued.name in plan.story.message
        assert plan.story.reconciling

    @pytest.mark.parametrize(
        ("admitted", "expected"),
        [
            pytest.param(
                job(phase=JobPhase.RUNNING, created=ago(9000), admitted=ago(3599)),
                None,
                id="it trains, within an hour of its admission",
            ),
            pytest.param(
                job(phase=JobPhase.RUNNING, created=ago(9000), admitted=ago(3600)),
                "DeadlineExceeded",
                id="it trains, for an hour since its admission",
            ),
            pytest.param(
                job(created=ago(9000), admitted=ago(599)),
                None,
                id="its pod starts, within ten minutes of its admission",
            ),
            pytest.param(
                job(created=ago(9000), admitted=ago(600)),
                "StartupDeadlineExceeded",
                id="its pod has not started ten minutes after its admission",
            ),
        ],
    )
    def test_has_its_deadlines_from_its_admission_on(self, admitted, expected):
        plan = follow(seen(jobs=[admitted]), NOW)

        reasons = [
            action.outcome.reason
            for action in plan.actions
            if isinstance(action, CloseAttempt)
        ]
        assert ([expected] if expected else []) == reasons
        assert expected or plan.look_again_at > NOW

    def test_that_ended_in_the_queue_has_ended(self):
        gone = job(phase=JobPhase.SUSPENDED, deleting=True)

        assert (Verdict.FAILED, "JobLost") == reason_to_close(
            follow(seen(jobs=[gone]), NOW)
        )


@pytest.mark.parametrize(
    ("job_", "expected"),
    [
        pytest.param(None, "Recreated", id="no TFJob: begin anew, with the new spec"),
        pytest.param(
            job(phase=JobPhase.RUNNING),
            "Recreated",
            id="its TFJob is collected together with the old one",
        ),
        pytest.param(
            job(phase=JobPhase.RUNNING, owner_uid=""),
            None,
            id="its TFJob was left an orphan: it goes on",
        ),
        pytest.param(
            job(phase=JobPhase.RUNNING, owner_uid="uid-2"),
            None,
            id="its TFJob was taken in by the new one: it goes on",
        ),
        pytest.param(
            job(phase=JobPhase.RUNNING, owner_uid="uid-3"),
            "NameTaken",
            id="its TFJob is somebody else's",
        ),
    ],
)
def test_a_training_that_was_deleted_and_applied_again(job_, expected):
    fields = {"training": training(uid="uid-2"), "jobs": [job_] if job_ else []}

    plan = follow(seen(**fields), NOW)

    if expected is None:
        assert ((), Reason.TRAINING) == (plan.actions, plan.story.reason)
    else:
        assert (Verdict.ABANDONED, expected) == reason_to_close(plan)


def test_an_orphan_that_ended_in_between_makes_its_model_after_all():
    over = job(phase=JobPhase.SUCCEEDED, owner_uid="")

    plan = follow(seen(training=training(uid="uid-2"), jobs=[over]), NOW)

    assert (Verdict.SUCCEEDED, "") == reason_to_close(plan)


_stopped = ledger(entry(9, Decision.FAILED, by="uid-1/1"))

_held = pytest.mark.parametrize(
    ("of", "fields", "created"),
    [
        pytest.param(
            attempt(), {"training": training(suspend=True)}, False, id="suspended"
        ),
        pytest.param(
            _MANUAL,
            {"training": training(suspend=True)},
            False,
            id="suspended, though it was requested",
        ),
        pytest.param(
            attempt(),
            {"training": training(stopAfterFailures=1), "ledger": _stopped},
            False,
            id="stopped, since its data came too late",
        ),
        pytest.param(
            _MANUAL,
            {"training": training(stopAfterFailures=1), "ledger": _stopped},
            True,
            id="stopped, but it was requested",
        ),
    ],
)


@_held
def test_a_prepared_attempt_starts_nothing_while_nothing_may_start(of, fields, created):
    plan = follow(seen(of, **fields), NOW)

    assert ((CreateJob(of),) if created else None) == (plan.actions if plan else None)


def test_content_that_the_newest_model_has_already_needs_no_run():
    """It was prepared while its data was written; now it shows what that is."""
    same = source(commit(2), contents={ident(1): "same", ident(2): "same"})
    of = attempt(commit_number=2)

    plan = follow(seen(of, source=same, ledger=ledger(entry(1))), NOW)

    assert (Verdict.ABANDONED, "Unchanged") == reason_to_close(plan)


def test_a_tfjob_that_is_only_hidden_is_deleted_when_it_is_given_up():
    """Without its label nobody would see it again, and it would run on."""
    hidden = job().name

    plan = follow(seen(created=frozenset({hidden})), NOW)

    assert DeleteJob(hidden) in plan.actions


def test_a_tfjob_that_lost_its_labels_counts_as_lost():
    bare = job(staging="", phase=JobPhase.RUNNING)

    plan = follow(seen(jobs=[bare], created=frozenset({bare.name})), NOW)

    close, delete = plan.actions
    assert (Verdict.FAILED, "JobLost") == (close.outcome.verdict, close.outcome.reason)
    assert DeleteJob(bare.name) == delete

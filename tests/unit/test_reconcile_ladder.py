"""The ladder as a whole: who decides, and what is told when nobody does.

Input: several reasons to act or to wait at once. Output: the rung that decides; else
the first story, and the earliest time to look again. More of who goes first is in
test_reconcile_priorities.
"""

import pytest

from mnist_operator.decisions import Decision, retrain_request
from mnist_operator.outcomes import retry_at
from mnist_operator.plan import (
    CreateJob,
    DeleteJob,
    OpenAttempt,
    Publish,
    Record,
    Request,
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
    spec_digest,
    training,
)

_ALLOW = training(concurrencyPolicy="Allow", maxParallel=2)
_KEEP_NONE = {"successfulRunsHistoryLimit": 0, "failedRunsHistoryLimit": 0}
_NEW = {"image": "new"}
_NEW_DIGEST = spec_digest(trainer=_NEW)
_CHANGED = training(onSpecChange="RetrainLatest", trainer=_NEW, **_KEEP_NONE)
_BOTH = source(commit(1), commit(2))
_SAME = source(commit(2), contents={ident(1): "same", ident(2): "same"})
_LOST = closed(attempt(), Verdict.FAILED, reason="PodLost", retryable=True)
_second = attempt(commit_number=2, slot=1, opened=ago(299))
_running = job(phase=JobPhase.RUNNING)
_asked = Request("now", commit=commit(7))
_old_job = job(attempt(commit_number=9), phase=JobPhase.SUCCEEDED)


def decide(**fields):
    return reconcile(observed(**fields), now=NOW)


def about(action):
    """What kind of action it is, for which commit, for which request."""
    match action:
        case OpenAttempt(task):
            return OpenAttempt, task.commit.id, task.request
        case Record((line,)):
            return Record, line.commit, line.request
    return type(action), action.attempt.commit, action.attempt.request


@pytest.mark.parametrize(
    ("fields", "first"),
    [
        pytest.param(
            {
                "training": _ALLOW,
                "source": _BOTH,
                "attempts": (closed(attempt()), _second),
            },
            (CreateJob, ident(2), ""),
            id="what is open goes before what is to be published",
        ),
        pytest.param(
            {
                "training": _ALLOW,
                "source": _BOTH,
                "attempts": (
                    closed(attempt()),
                    closed(_second, Verdict.FAILED, retryable=True),
                ),
            },
            (Publish, ident(1), ""),
            id="publishing goes before another attempt",
        ),
        pytest.param(
            {"attempt": _LOST, "request": _asked},
            (OpenAttempt, ident(1), ""),
            id="another attempt goes before a request, for it has the slot",
        ),
        pytest.param(
            {"source": _SAME, "ledger": ledger(entry(1)), "request": _asked},
            (Record, ident(2), ""),
            id="skipping the oldest goes before a request",
        ),
        pytest.param(
            {"request": _asked},
            (OpenAttempt, ident(7), "now"),
            id="a request goes before the queue",
        ),
        pytest.param(
            {"training": training(**_KEEP_NONE), "jobs": [_old_job]},
            (OpenAttempt, ident(1), ""),
            id="the next commit goes before tidying up",
        ),
        pytest.param(
            {
                "training": _CHANGED,
                "ledger": ledger(entry(1)),
                "latest": commit(1),
                "source": source(),
                "jobs": [_old_job],
            },
            (OpenAttempt, ident(1), retrain_request(ident(1), _NEW_DIGEST)),
            id="a retraining goes before tidying up",
        ),
    ],
)
def test_of_two_rungs_that_act_the_first_decides(fields, first):
    (action,) = decide(**fields).actions

    assert first == about(action)


def test_an_older_rival_goes_before_everything():
    plan = decide(rival="team/older", unrecorded=(entry(1),), jobs=[_old_job])

    assert ((), Reason.OUTPUT_TAKEN) == (plan.actions, plan.story.reason)


@pytest.mark.parametrize(
    ("fields", "action"),
    [
        pytest.param(
            {"training": _ALLOW, "source": _BOTH},
            opening(commit(2), slot=1),
            id="the next one in parallel",
        ),
        pytest.param(
            {
                "training": training(concurrencyPolicy="Allow", **_KEEP_NONE),
                "jobs": [_running, _old_job],
            },
            DeleteJob(_old_job.name),
            id="an old TFJob to let go",
        ),
        pytest.param(
            {"training": _ALLOW, "request": _asked},
            opening(commit(7), request="now", slot=1),
            id="a request",
        ),
    ],
)
def test_a_run_that_only_tells_how_it_is_holds_nobody_up(fields, action):
    wanted = {"attempt": attempt(), "jobs": [_running]} | fields

    assert (action,) == decide(**wanted).actions


def test_a_busy_output_branch_holds_no_other_run_up():
    fields = {"training": _ALLOW, "source": _BOTH, "attempt": closed(attempt())}

    plan = decide(output_holder=commit(0xF009), **fields)

    assert (opening(commit(2), slot=1),) == plan.actions


_quiet = training(trigger={"debounceSeconds": 3600}, concurrencyPolicy="Allow")
_fresh = source(commit(1), commit(2, started=ago(2)))

_waits = pytest.mark.parametrize(
    ("fields", "reason", "again"),
    [
        pytest.param(
            {"attempt": attempt(), "jobs": [_running]},
            Reason.TRAINING,
            ago(299 - 3600),
            id="a run: until its deadline",
        ),
        pytest.param(
            {
                "training": _ALLOW,
                "source": _BOTH,
                "attempts": (
                    attempt(),
                    closed(_second, Verdict.FAILED, at=NOW, retryable=True),
                ),
                "jobs": [_running],
            },
            Reason.TRAINING,
            retry_at(observed(), closed(_second, Verdict.FAILED, at=NOW)),
            id="a run is told, though the backoff of another ends sooner",
        ),
        pytest.param(
            {
                "training": _ALLOW,
                "source": _BOTH,
                "attempts": (closed(attempt()), closed(_second)),
                "output_holder": commit(7),
            },
            Reason.OUTPUT_BUSY,
            ago(-5),
            id="a model cannot be published: in a moment",
        ),
        pytest.param(
            {"training": _quiet, "source": _fresh},
            Reason.WAITING_FOR_QUIET,
            ago(-3600),
            id="a quiet period: until it ends",
        ),
        pytest.param(
            {
                "training": _quiet,
                "source": _fresh,
                "attempt": closed(attempt(), Verdict.FAILED, at=NOW, retryable=True),
            },
            Reason.RETRYING,
            retry_at(observed(), closed(attempt(), Verdict.FAILED, at=NOW)),
            id="a backoff and a quiet period: the first of them",
        ),
        pytest.param(
            {"training": training(suspend=True)},
            Reason.SUSPENDED,
            None,
            id="a suspension: until somebody ends it",
        ),
        pytest.param(
            {"source": source(), "ledger": ledger(entry(1))},
            Reason.UP_TO_DATE,
            None,
            id="nothing at all: until something is pushed",
        ),
    ],
)


@_waits
def test_when_none_acts_the_first_is_told_and_the_earliest_time_counts(
    fields, reason, again
):
    plan = decide(**fields)

    assert () == plan.actions
    assert (reason, again) == (plan.story.reason, plan.look_again_at)


def test_a_stop_is_told_once_nothing_is_under_way():
    stopped = {
        "training": training(stopAfterFailures=1, concurrencyPolicy="Allow"),
        "ledger": ledger(entry(9, Decision.FAILED, by="uid-1/1")),
        "source": _BOTH,
    }

    at_work = decide(attempt=attempt(), jobs=[_running], **stopped)
    at_rest = decide(**stopped)

    assert (Reason.TRAINING, False) == (at_work.story.reason, at_work.story.stalled)
    assert Reason.STOPPED_AFTER_FAILURES is at_rest.story.reason
    assert at_rest.story.stalled

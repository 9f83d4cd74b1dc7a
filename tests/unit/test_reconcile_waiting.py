"""What is told while there is nothing to do, or nothing may be done.

Input: what was decided last, and whether the training is suspended. Output: the
reason and the Ready condition.
"""

import pytest

from mnist_operator.decisions import Decision
from mnist_operator.plan import Publish
from mnist_operator.reconcile import reconcile
from mnist_operator.runs import Verdict
from mnist_operator.status import Reason
from mnist_operator.tfjob import JobPhase
from unit.builders import (
    NOW,
    attempt,
    closed,
    entry,
    job,
    ledger,
    observed,
    source,
    training,
)

_SUSPENDED = training(suspend=True)
_GOOD = closed(attempt())
_RETRYABLE = closed(attempt(), Verdict.FAILED, reason="PodLost", retryable=True)


def decide(**fields):
    return reconcile(observed(**fields), now=NOW)


@pytest.mark.parametrize(
    ("fields", "reason", "ready"),
    [
        pytest.param({}, Reason.SUSPENDED, "Unknown", id="nothing was decided yet"),
        pytest.param(
            {"ledger": ledger(entry(5))},
            Reason.SUSPENDED,
            "True",
            id="the last commit has a model",
        ),
        pytest.param(
            {"ledger": ledger(entry(5, Decision.FAILED))},
            Reason.SUSPENDED,
            "False",
            id="the last commit failed",
        ),
        pytest.param(
            {"attempt": _RETRYABLE}, Reason.SUSPENDED, "Unknown", id="a retry is due"
        ),
        pytest.param(
            {"attempt": attempt()}, Reason.SUSPENDED, "Unknown", id="a job is prepared"
        ),
        pytest.param(
            {"attempt": attempt(), "jobs": [job(phase=JobPhase.RUNNING)]},
            Reason.TRAINING,
            "Unknown",
            id="a job runs, and goes on",
        ),
    ],
)
def test_suspending_starts_nothing_and_says_so(fields, reason, ready):
    plan = decide(training=_SUSPENDED, **fields)

    assert () == plan.actions
    assert (reason, ready) == (plan.story.reason, plan.story.ready)


def test_a_repo_that_is_not_there_is_named():
    plan = decide(source=source(repo_exists=False), ledger=ledger(entry(1)))

    assert Reason.WAITING_FOR_DATA is plan.story.reason
    assert "no repo default/inputrepo" in plan.story.message


def test_a_suspended_training_still_publishes_what_was_trained():
    assert (Publish(_GOOD),) == decide(training=_SUSPENDED, attempt=_GOOD).actions


@pytest.mark.parametrize(
    ("lines", "reason", "ready"),
    [
        pytest.param((), Reason.WAITING_FOR_DATA, "Unknown", id="no commit yet"),
        pytest.param((entry(1),), Reason.UP_TO_DATE, "True", id="a model"),
        pytest.param(
            (entry(1), entry(2, Decision.FAILED, reason="DataInvalid")),
            Reason.TRAINING_FAILED,
            "False",
            id="a failure after a model",
        ),
        pytest.param(
            (entry(1), entry(2, Decision.SKIPPED)),
            Reason.UP_TO_DATE,
            "True",
            id="a skip",
        ),
    ],
)
def test_with_nothing_to_do_it_says_how_the_last_commit_ended(lines, reason, ready):
    plan = decide(source=source(), ledger=ledger(*lines))

    assert (reason, ready) == (plan.story.reason, plan.story.ready)
    assert ((), None) == (plan.actions, plan.look_again_at)

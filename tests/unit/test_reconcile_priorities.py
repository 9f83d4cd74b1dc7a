"""Which rung goes first when two have something to say.

Input: two reasons to act at once. Output: the kind of the first action.
"""

from dataclasses import replace

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.ledger import Ledger
from mnist_operator.plan import (
    CloseAttempt,
    DeleteJob,
    GiveUp,
    OpenAttempt,
    Publish,
    Record,
)
from mnist_operator.reconcile import reconcile
from mnist_operator.runs import Verdict
from mnist_operator.tfjob import JobPhase
from unit.builders import (
    NOW,
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

_STRAY = job(attempt(commit_number=9))
_GOOD = closed(attempt())
_FAILED = closed(attempt(), Verdict.FAILED)
_LATER = source(commit(2))
_BAD = source(commit(2, state=CommitState.ERRORED))


@pytest.mark.parametrize(
    ("fields", "first"),
    [
        pytest.param(
            {"unrecorded": (entry(1),), "jobs": [_STRAY]},
            Record,
            id="recording a model goes before deleting a stray job",
        ),
        pytest.param(
            {"unrecorded": (entry(1),), "attempt": _GOOD},
            Record,
            id="recording a model goes before publishing it again",
        ),
        pytest.param(
            {"orphan": "f" * 32, "attempt": _GOOD},
            GiveUp,
            id="an output commit that came too late goes before publishing",
        ),
        pytest.param(
            {"ledger": Ledger(), "jobs": [_STRAY]},
            DeleteJob,
            id="deleting a stray job goes before the starting point",
        ),
        pytest.param(
            {"jobs": [_STRAY, job(phase=JobPhase.SUCCEEDED)], "attempt": attempt()},
            DeleteJob,
            id="deleting a stray job goes before closing the attempt",
        ),
        pytest.param(
            {"ledger": Ledger(), "attempt": attempt()},
            Record,
            id="the starting point goes before the attempt",
        ),
        pytest.param(
            {"attempt": attempt(), "source": source(gone=ident(1))},
            CloseAttempt,
            id="giving up an attempt goes before skipping its commit",
        ),
        pytest.param(
            {"attempt": _GOOD, "source": source(gone=ident(1))},
            Publish,
            id="publishing goes before skipping a commit that is gone by now",
        ),
        pytest.param(
            {"attempt": _GOOD, "source": _LATER},
            Publish,
            id="publishing goes before the next commit",
        ),
        pytest.param(
            {"attempt": _FAILED, "source": _BAD},
            Record,
            id="recording a failure goes before the next commit",
        ),
        pytest.param(
            {"attempt": _GOOD, "ledger": ledger(entry(1)), "source": _LATER},
            OpenAttempt,
            id="a model that is recorded lets the next commit begin",
        ),
        pytest.param(
            {"attempt": _FAILED, "ledger": ledger(entry(1)), "source": _LATER},
            OpenAttempt,
            id="a failure that is recorded lets the next commit begin",
        ),
        pytest.param(
            {"training": training(suspend=True), "source": _BAD},
            Record,
            id="skipping goes before being suspended",
        ),
        pytest.param(
            {"training": training(suspend=True), "jobs": [_STRAY]},
            DeleteJob,
            id="deleting a stray job goes before being suspended",
        ),
    ],
)
def test_the_lower_rung_decides(fields, first):
    plan = reconcile(observed(**fields), now=NOW)

    assert first is type(plan.actions[0])


def test_a_new_owner_gives_the_old_attempt_up_even_when_its_job_succeeded():
    over = job(phase=JobPhase.SUCCEEDED)

    plan = reconcile(
        observed(training=training(uid="uid-2"), attempt=attempt(), jobs=[over]),
        now=NOW,
    )

    (close,) = plan.actions
    assert "Recreated" == close.outcome.reason


def test_a_foreign_close_of_the_staging_commit_is_tried_again():
    taken = closed(attempt(), Verdict.FAILED, reason="StagingClosed", retryable=True)

    plan = reconcile(observed(attempt=replace(taken, number=2)), now=NOW)

    assert [opening(commit(), 3)] == list(plan.actions)

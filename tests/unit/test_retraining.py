"""A changed trainer: whether the newest commit is trained once more.

Input: the policy, what the newest run was made with, what waits. Output: the attempt
to open, once for each commit and trainer.
"""

import pytest

from mnist_operator.decisions import Decision, retrain_request
from mnist_operator.openings import retrain
from mnist_operator.plan import OpenAttempt
from mnist_operator.reconcile import reconcile
from mnist_operator.runs import Verdict
from mnist_operator.status import Reason
from unit.builders import (
    NOW,
    attempt,
    closed,
    commit,
    entry,
    ident,
    ledger,
    observed,
    opening,
    source,
    spec_digest,
    training,
)

_RETRAIN = training(onSpecChange="RetrainLatest", trainer={"image": "new"})
_DIGEST = spec_digest(trainer={"image": "new"})
_ASKED = retrain_request(ident(1), _DIGEST)
_TRAINED = ledger(entry(1))


def changed(**fields):
    """Commit 1 has a model, nothing waits, and the trainer is another one now."""
    wanted = {"training": _RETRAIN, "ledger": _TRAINED, "latest": commit(1)}
    return retrain(observed(**(wanted | {"source": source()} | fields)), NOW)


def test_a_changed_trainer_trains_the_newest_commit_once_more():
    plan = changed()

    assert (opening(commit(1), request=_ASKED),) == plan.actions


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"training": training()}, id="the policy is to do nothing"),
        pytest.param({"ledger": ledger()}, id="nothing was trained yet"),
        pytest.param({"latest": None}, id="the trainer is still the same"),
        pytest.param({"source": source(commit(2))}, id="a commit waits: it will do"),
        pytest.param(
            {
                "training": training(
                    onSpecChange="RetrainLatest", trainer={"image": "new"}, suspend=True
                )
            },
            id="all is suspended",
        ),
        pytest.param(
            {
                "training": training(
                    onSpecChange="RetrainLatest",
                    trainer={"image": "new"},
                    stopAfterFailures=1,
                ),
                "ledger": ledger(entry(1, Decision.FAILED, by="uid-1/1")),
            },
            id="it has stopped, so a change came before that",
        ),
        pytest.param(
            {"attempt": attempt(request=_ASKED, digest=_DIGEST)}, id="it is under way"
        ),
        pytest.param(
            {"ledger": ledger(entry(1), entry(1, run=ident(0xB002), spec=_DIGEST))},
            id="that commit has a model by this trainer",
        ),
        pytest.param(
            {
                "ledger": ledger(
                    entry(1, Decision.FAILED, spec=_DIGEST),
                    entry(1, run=ident(0xB002)),
                )
            },
            id="that commit and this trainer failed before",
        ),
        pytest.param(
            {
                "ledger": ledger(
                    entry(1),
                    entry(1, Decision.SKIPPED, request=_ASKED),
                )
            },
            id="that was answered already",
        ),
    ],
)
def test_nothing_is_trained_once_more_when(fields):
    plan = changed(**fields)

    assert plan is None


def test_a_retraining_happens_once_for_each_commit_and_trainer():
    first = changed().actions[0]
    made = entry(1, run=ident(0xB002), spec=_DIGEST, request=first.task.request)

    assert changed(ledger=ledger(entry(1), made)) is None
    other = training(onSpecChange="RetrainLatest", trainer={"image": "newer"})
    again = changed(ledger=ledger(entry(1), made), training=other)
    assert [OpenAttempt] == [type(action) for action in again.actions]
    assert first.task.request != again.actions[0].task.request


def test_a_retraining_whose_trainer_was_changed_back_is_not_tried_again():
    failed = closed(
        attempt(request=_ASKED, digest=_DIGEST), Verdict.FAILED, retryable=True
    )
    back = training(onSpecChange="RetrainLatest")

    plan = reconcile(
        observed(training=back, ledger=_TRAINED, source=source(), attempt=failed),
        now=NOW,
    )

    assert () == plan.actions
    assert Reason.UP_TO_DATE is plan.story.reason

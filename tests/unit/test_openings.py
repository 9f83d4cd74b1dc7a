"""What is started next.

Input: the policies, the commits that wait, the attempts that hold slots. Output: the
attempt to open. What is passed over on the way there is in test_passed_over, runs
that somebody asks for are in test_requests.
"""

from dataclasses import replace

import pytest

from mnist_operator.commits import CommitState, Repo
from mnist_operator.openings import start_next
from mnist_operator.runs import Verdict
from mnist_operator.status import Reason
from unit.builders import (
    NOW,
    ago,
    attempt,
    closed,
    commit,
    entry,
    ident,
    ledger,
    observed,
    opening,
    source,
    training,
)

_EVERY = training()
_THREE = training(concurrencyPolicy="Allow", maxParallel=3)
_LATEST = training(trigger={"mode": "LatestOnly"})
_REPLACE = training(concurrencyPolicy="Replace")
_SOON = training(startingDeadlineSeconds=600)
_FOURTH_OPEN = commit(4, state=CommitState.OPEN, started=ago(60))
_SAME = {ident(1): "same", ident(2): "same"}
_LEFT_OPEN = commit(4, state=CommitState.OPEN, started=ago(600))
_BAD = commit(2, state=CommitState.ERRORED)


def decide(of, *waiting, **fields):
    at_hand = source(*waiting, contents=fields.pop("contents", {}))
    return start_next(observed(training=of, source=at_hand, **fields), NOW)


def running(slot, commit_number, **fields):
    return attempt(commit_number=commit_number, slot=slot, **fields)


@pytest.mark.parametrize(
    ("of", "waiting", "attempts", "expected"),
    [
        pytest.param(
            _EVERY,
            [commit(1), commit(2)],
            [],
            opening(commit(1)),
            id="the oldest commit",
        ),
        pytest.param(
            _THREE,
            [commit(1), commit(2), commit(3)],
            [running(0, 1)],
            opening(commit(2), slot=1),
            id="one runs of three: the next one beside it",
        ),
        pytest.param(
            _THREE,
            [commit(1), commit(2), _FOURTH_OPEN],
            [running(0, 1), running(2, 2)],
            opening(_FOURTH_OPEN, slot=1),
            id="the head is being written: have its attempt ready",
        ),
        pytest.param(
            _LATEST,
            [commit(2), _FOURTH_OPEN],
            [],
            opening(commit(2)),
            id="latest: the newest finished one",
        ),
        pytest.param(
            _EVERY,
            [commit(1)],
            [closed(attempt(2), Verdict.ABANDONED)],
            opening(commit(1), 2),
            id="its last attempt was given up: the same number again",
        ),
    ],
)
def test_the_next_commit_gets_an_attempt(of, waiting, attempts, expected):
    plan = decide(of, *waiting, attempts=tuple(attempts))

    assert (expected,) == plan.actions
    assert Reason.STARTING is plan.story.reason
    assert expected.task.commit.id in plan.story.message


@pytest.mark.parametrize(
    ("of", "waiting", "fields"),
    [
        pytest.param(_EVERY, [], {}, id="none waits"),
        pytest.param(_EVERY, [commit(1)], {"attempt": attempt()}, id="it runs already"),
        pytest.param(
            _EVERY,
            [commit(1), commit(2)],
            {"attempt": closed(attempt(), Verdict.FAILED, retryable=True)},
            id="the one before it failed, and is tried again",
        ),
        pytest.param(
            _THREE,
            [commit(n) for n in range(1, 6)],
            {"attempts": tuple(running(n, n + 1) for n in range(3))},
            id="three run of three",
        ),
        pytest.param(
            _THREE,
            [commit(n) for n in range(1, 6)],
            {"attempts": tuple(closed(running(n, n + 1)) for n in range(3))},
            id="three models wait for their turn",
        ),
        pytest.param(
            _THREE,
            [commit(1), commit(2)],
            {"attempts": (running(0, 1),), "contents": _SAME},
            id="the other one has the content of the run under way",
        ),
    ],
)
def test_nothing_is_started_while(of, waiting, fields):
    assert decide(of, *waiting, **fields) is None


def test_what_holds_the_queue_is_told():
    plan = decide(training(suspend=True), commit(1))

    assert ((), Reason.SUSPENDED) == (plan.actions, plan.story.reason)


def test_a_commit_that_was_left_open_gets_no_attempt_and_is_told():
    plan = decide(_THREE, commit(1), _LEFT_OPEN, attempts=(running(0, 1),))

    assert () == plan.actions
    assert Reason.WAITING_FOR_COMMIT is plan.story.reason
    assert Reason.COMMIT_LEFT_OPEN is plan.story.event


def test_who_must_finish_what_pachyderm_opened_for_a_pipeline_is_told():
    made = replace(_LEFT_OPEN, provenance=((Repo("default", "raw"), ident(9)),))
    plan = decide(_THREE, made)

    assert Reason.COMMIT_LEFT_OPEN is plan.story.event
    assert f"for commit {ident(9)} of default/raw" in plan.story.message
    assert "the job of the pipeline" in plan.story.message
    assert "drop it" not in plan.story.message


def test_a_commit_with_the_content_of_the_run_under_way_waits_for_its_end():
    """Whether it is to be trained depends on whether that run makes a model."""
    fields = {"attempts": (running(0, 1),), "contents": _SAME | {ident(3): "new"}}

    assert decide(_THREE, commit(1), commit(2), **fields) is None
    beyond = decide(_THREE, commit(1), commit(2), commit(3), **fields)
    assert (opening(commit(3), slot=1),) == beyond.actions


def test_a_model_for_the_newest_commit_leaves_nothing_to_start():
    assert decide(_LATEST, ledger=ledger(entry(2))) is None

"""Runs by hand that are under way, and who makes way for them.

Input: an open attempt with a request, or one beside it. Output: whether it goes on.
How a request gets its attempt is in test_requests.
"""

from dataclasses import replace

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.outcomes import follow
from mnist_operator.plan import CloseAttempt, CreateJob, Request
from mnist_operator.runs import Verdict
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
    return close.outcome.verdict, close.outcome.reason


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"source": source()}, id="though its commit does not wait"),
        pytest.param({"source": _BOTH}, id="though others wait"),
        pytest.param(
            {
                "source": source(
                    commit(1), contents={ident(1): "same", ident(7): "same"}
                ),
                "ledger": ledger(entry(1)),
            },
            id="though a model has the same content",
        ),
        pytest.param(
            {"ledger": ledger(entry(7))}, id="though its commit has a model already"
        ),
    ],
)
def test_a_requested_run_starts(fields):
    plan = follow(seen(_MANUAL, **fields), NOW)

    assert (CreateJob(_MANUAL),) == plan.actions


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"input_commit": None}, "InputGone", id="its commit is gone"),
        pytest.param(
            {"training": training(trainer={"image": "other"})},
            "SpecChanged",
            id="the trainer has changed: it is opened anew, for the same request",
        ),
        pytest.param(
            {"ledger": ledger(entry(7, request="now"))},
            "AlreadyDecided",
            id="it was answered by somebody else",
        ),
    ],
)
def test_a_requested_run_is_given_up_when(fields, expected):
    assert (Verdict.ABANDONED, expected) == reason_to_close(
        follow(seen(_MANUAL, **fields), NOW)
    )


_writing = commit(1, state=CommitState.OPEN, started=ago(60))
_asked = Request("now", commit=commit(7))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"request": _asked}, "NotNext", id="a run by hand could begin"),
        pytest.param({}, None, id="nobody asks for a run"),
        pytest.param(
            {"request": Request("now")}, None, id="it is asked for, of no commit"
        ),
        pytest.param(
            {"request": Request("now", commit=replace(_writing, id=ident(7)))},
            None,
            id="the other commit is being written as well",
        ),
        pytest.param(
            {"request": _asked, "training": _ALLOW}, None, id="there is another slot"
        ),
        pytest.param(
            {"request": _asked, "input_commit": commit(1), "source": source(commit(1))},
            None,
            id="its own data is there",
        ),
    ],
)
def test_who_waits_for_data_makes_way_for_a_run_by_hand(fields, expected):
    wanted = {"source": source(_writing), "input_commit": _writing} | fields

    plan = follow(seen(**wanted), NOW)

    closed_as = [
        each.outcome.reason for each in plan.actions if isinstance(each, CloseAttempt)
    ]
    assert ([expected] if expected else []) == closed_as


def test_it_makes_way_for_no_run_by_hand_that_is_under_way():
    fields = {"source": source(_writing), "inputs": {ident(1): _writing}}
    by_hand = job(_MANUAL, phase=JobPhase.RUNNING)

    plan = follow(
        seen(attempt(), _MANUAL, request=_asked, jobs=[by_hand], **fields), NOW
    )

    assert () == plan.actions

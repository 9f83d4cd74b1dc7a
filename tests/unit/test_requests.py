"""Runs by hand: what becomes of a request that nobody has answered yet.

Input: the request and its commit, what waits, what is under way. Output: the attempt
to open, or the line that says why there is none. What becomes of its run is in
test_requested_attempts.
"""

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.decisions import SUPERSEDED, Decision
from mnist_operator.openings import answer_request
from mnist_operator.plan import Request
from mnist_operator.reconcile import reconcile
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

_SUSPENDED = training(suspend=True)
_STOPPED = {
    "training": training(stopAfterFailures=1),
    "ledger": ledger(entry(9, Decision.FAILED, by="uid-1/1")),
}
_OLD = commit(7)
_HEAD = Request("now", commit=commit(1))
_NAMED = Request("now", ident(7), _OLD)
_BAD = commit(7, state=CommitState.ERRORED)


def answer(request=_NAMED, **fields):
    return answer_request(observed(request=request, **fields), NOW)


@pytest.mark.parametrize(
    ("request_", "fields", "expected"),
    [
        pytest.param(_NAMED, {}, opening(_OLD, request="now"), id="of an old commit"),
        pytest.param(_HEAD, {}, opening(commit(1), request="now"), id="of the head"),
        pytest.param(
            _NAMED,
            {"ledger": ledger(entry(7)), "source": source()},
            opening(_OLD, request="now"),
            id="of a commit that has a model",
        ),
        pytest.param(
            _NAMED,
            _STOPPED,
            opening(_OLD, request="now"),
            id="after a stop: it goes on",
        ),
        pytest.param(
            _NAMED,
            {
                "attempt": closed(
                    attempt(2, commit_number=7, request="now"), Verdict.ABANDONED
                )
            },
            opening(_OLD, 2, request="now"),
            id="its attempt was given up, as for a changed spec: once more",
        ),
        pytest.param(
            _NAMED,
            {
                "attempt": attempt(commit_number=7),
                "training": training(concurrencyPolicy="Allow"),
            },
            opening(_OLD, request="now", slot=1),
            id="beside a run of the same commit in its turn",
        ),
    ],
)
def test_a_run_by_hand_gets_an_attempt_of_its_own(request_, fields, expected):
    assert (expected,) == answer(request_, **fields).actions


def test_a_run_by_hand_goes_before_the_queue():
    plan = reconcile(observed(request=_NAMED), now=NOW)

    assert (opening(_OLD, request="now"),) == plan.actions


_LATEST = training(trigger={"mode": "LatestOnly"})
_THREE = source(commit(1), commit(2), commit(3))


@pytest.mark.parametrize(
    ("number", "of", "passed"),
    [
        pytest.param(
            3, _LATEST, [1, 2], id="latest: it takes the place of those before"
        ),
        pytest.param(2, _LATEST, [1], id="latest: but not of those after it"),
        pytest.param(1, _LATEST, [], id="latest: none is before it"),
        pytest.param(7, _LATEST, [], id="latest: it does not wait itself"),
        pytest.param(3, training(), [], id="every commit: all of them count"),
    ],
)
def test_what_a_run_by_hand_takes_the_place_of_is_recorded_first(number, of, passed):
    asked = Request("now", ident(number), commit(number))

    plan = answer(asked, training=of, source=_THREE)

    if not passed:
        assert (opening(commit(number), request="now"),) == plan.actions
        return
    ((*lines,),) = (action.entries for action in plan.actions)
    assert [(ident(n), SUPERSEDED) for n in passed] == [
        (line.commit, line.reason) for line in lines
    ]
    assert {""} == {line.request for line in lines}


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        pytest.param(None, {}, id="nobody asks"),
        pytest.param(_NAMED, {"attempt": attempt()}, id="no slot is free"),
        pytest.param(
            _NAMED,
            {"attempt": attempt(commit_number=7, request="now")},
            id="its run is under way",
        ),
        pytest.param(
            _NAMED,
            {"attempt": closed(attempt(commit_number=7, request="now"))},
            id="its model is to be published",
        ),
        pytest.param(_NAMED, {"training": _SUSPENDED}, id="all is suspended"),
    ],
)
def test_a_request_waits_while(request_, fields):
    assert answer(request_, **fields) is None


@pytest.mark.parametrize(
    ("state", "seconds", "again", "event"),
    [
        pytest.param(CommitState.OPEN, 60, ago(-540), None, id="being written"),
        pytest.param(CommitState.FINISHING, 60, ago(-540), None, id="being finished"),
        pytest.param(
            CommitState.OPEN, 600, None, Reason.COMMIT_LEFT_OPEN, id="left open"
        ),
    ],
)
def test_a_request_waits_for_its_commit_to_be_finished(state, seconds, again, event):
    late = commit(7, state=state, started=ago(seconds))

    plan = answer(Request("now", ident(7), late))

    assert ((), again) == (plan.actions, plan.look_again_at)
    assert (Reason.WAITING_FOR_COMMIT, event) == (plan.story.reason, plan.story.event)


@pytest.mark.parametrize(
    ("request_", "about", "words"),
    [
        pytest.param(
            Request("now", ident(7)), ident(7), ident(7), id="the commit is not there"
        ),
        pytest.param(
            Request("now", ident(7), _BAD), ident(7), ident(7), id="it has an error"
        ),
        pytest.param(
            Request("now"), "", "a finished commit", id="nothing is there to be trained"
        ),
        pytest.param(
            Request("now", "x" * 900), "x" * 64, "x" * 64, id="that is no commit's ID"
        ),
    ],
)
@pytest.mark.parametrize("of", [training(), _SUSPENDED], ids=["", "suspended"])
def test_a_request_that_cannot_be_answered_is_refused(request_, about, words, of):
    plan = answer(request_, training=of)

    ((line,),) = (action.entries for action in plan.actions)
    assert (Decision.SKIPPED, "RequestRefused") == (line.decision, line.reason)
    assert (about, "now", NOW) == (line.commit, line.request, line.time)
    assert words in line.message
    assert "default/inputrepo" in line.message
    assert len(line.message) < 500


def test_a_refused_request_leaves_its_commit_in_the_queue():
    [line] = answer(Request("now", ident(1))).actions[0].entries

    after = reconcile(observed(ledger=ledger(line)), now=NOW)

    assert (opening(commit(1)),) == after.actions

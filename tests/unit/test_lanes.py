"""Which attempts hold their slots, and whose end may be written down.

Input: attempts, what is decided, what waits on the branch. Output: the attempts with
which something is still to be done. Which slot comes next is in test_slots.
"""

import pytest

from mnist_operator import lanes
from mnist_operator.commits import CommitState
from mnist_operator.decisions import Decision, retrain_request
from mnist_operator.runs import Verdict
from unit.builders import (
    ago,
    attempt,
    closed,
    commit,
    entry,
    ident,
    ledger,
    observed,
    source,
    spec_digest,
    training,
)

_FAILED, _ABANDONED = Verdict.FAILED, Verdict.ABANDONED
_BAD = commit(state=CommitState.ERRORED)
_MANUAL = attempt(request="now")
_RETRAIN = attempt(request=retrain_request(ident(1), spec_digest()))
_ELSEWHERE = source(commit(2))
_DECIDED = ledger(entry(1))
_ANSWERED = ledger(entry(1, request="now"))


def lost(of=None, **outcome):
    """An attempt that failed in a way that another one may get over."""
    return closed(of or attempt(), _FAILED, retryable=True, **outcome)


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        pytest.param(training(), 1, id="Forbid: one"),
        pytest.param(training(concurrencyPolicy="Replace"), 1, id="Replace: one"),
        pytest.param(training(maxParallel=5), 1, id="Forbid, whatever maxParallel is"),
        pytest.param(
            training(concurrencyPolicy="Allow"), 2, id="Allow: two by default"
        ),
        pytest.param(
            training(concurrencyPolicy="Allow", maxParallel=5), 5, id="Allow five: five"
        ),
    ],
)
def test_so_many_runs_may_go_on_at_the_same_time(of, expected):
    assert expected == lanes.parallel(of.spec)


_live = pytest.mark.parametrize(
    ("of", "fields", "expected"),
    [
        pytest.param(attempt(), {}, True, id="open"),
        pytest.param(
            attempt(),
            {"ledger": _DECIDED},
            True,
            id="open, though its commit is decided: it is to be closed",
        ),
        pytest.param(closed(attempt()), {}, True, id="succeeded: to be published"),
        pytest.param(
            closed(attempt()),
            {"source": _ELSEWHERE},
            True,
            id="succeeded: to be published, also when the branch has moved away",
        ),
        pytest.param(
            closed(attempt()), {"ledger": _DECIDED}, False, id="succeeded and published"
        ),
        pytest.param(lost(), {}, True, id="failed: to be tried again"),
        pytest.param(
            lost(), {"source": _ELSEWHERE}, False, id="failed, and the branch has moved"
        ),
        pytest.param(
            lost(),
            {"source": source(commit(1), gone=ident(1))},
            False,
            id="failed, and its commit is gone",
        ),
        pytest.param(
            lost(),
            {"source": source(_BAD)},
            False,
            id="failed, and its commit has an error",
        ),
        pytest.param(closed(attempt(), _FAILED), {}, True, id="failed: to be recorded"),
        pytest.param(
            closed(attempt(), _FAILED),
            {"source": _ELSEWHERE},
            True,
            id="failed: to be recorded, also when the branch has moved away",
        ),
        pytest.param(
            lost(attempt(3)), {"source": _ELSEWHERE}, True, id="failed, the last one"
        ),
        pytest.param(
            closed(attempt(), _FAILED),
            {"ledger": ledger(entry(1, Decision.FAILED))},
            False,
            id="failed and recorded",
        ),
        pytest.param(closed(attempt(), _ABANDONED), {}, False, id="given up"),
        pytest.param(
            closed(_MANUAL), {"ledger": _DECIDED}, True, id="requested: to be published"
        ),
        pytest.param(
            closed(_MANUAL), {"ledger": _ANSWERED}, False, id="requested, and answered"
        ),
        pytest.param(
            lost(_MANUAL),
            {"source": source()},
            True,
            id="requested, failed: to be tried again, whatever waits",
        ),
        pytest.param(
            lost(_RETRAIN),
            {"source": source()},
            True,
            id="a retraining, failed: to be tried again",
        ),
        pytest.param(
            lost(_RETRAIN),
            {"source": source(), "spec_digest": "other"},
            False,
            id="a retraining, failed: the trainer is another one by now",
        ),
        pytest.param(
            lost(_MANUAL),
            {"source": source(), "spec_digest": "other"},
            True,
            id="requested by hand, failed: with the new trainer then",
        ),
    ],
)


@_live
def test_an_attempt_holds_its_slot_until_what_it_is_for_is_decided(
    of, fields, expected
):
    seen = observed(attempt=of, **fields)

    assert ((of,) if expected else ()) == lanes.live(seen)


def test_those_that_hold_slots_are_told_in_the_order_of_their_opening():
    first = attempt(opened=ago(200), slot=1)
    second = attempt(commit_number=2, opened=ago(100))
    same_time = attempt(staging=ident(0xFFFF), opened=ago(100), slot=2)

    seen = observed(attempts=(same_time, second, first))

    assert (first, second, same_time) == lanes.live(seen)


@pytest.mark.parametrize(
    ("of", "limit", "expected"),
    [
        pytest.param(lost(), 3, True, id="one of three"),
        pytest.param(lost(attempt(2)), 3, True, id="two of three"),
        pytest.param(lost(attempt(3)), 3, False, id="three of three"),
        pytest.param(lost(attempt(3)), 4, True, id="three, and the limit was raised"),
        pytest.param(closed(attempt(), _FAILED), 3, False, id="it would fail again"),
        pytest.param(attempt(), 3, False, id="it has not failed"),
    ],
)
def test_a_failure_may_be_tried_again_up_to_the_limit(of, limit, expected):
    seen = observed(training=training(attempts={"limit": limit}))

    assert expected is lanes.may_retry(seen, of)


@pytest.mark.parametrize(
    ("of", "waiting", "expected"),
    [
        pytest.param(attempt(), [commit(1), commit(2)], True, id="the oldest"),
        pytest.param(attempt(), [commit(0), commit(1)], False, id="an older one waits"),
        pytest.param(attempt(), [], True, id="none waits"),
        pytest.param(
            attempt(), [commit(2), commit(3)], True, id="the branch has moved away"
        ),
        pytest.param(_MANUAL, [commit(0), commit(1)], True, id="it was requested"),
    ],
)
def test_commits_are_decided_oldest_first(of, waiting, expected):
    assert expected is lanes.in_turn(observed(source=source(*waiting)), of)


@pytest.mark.parametrize(
    ("reason", "expected"), [("Twin", True), ("NotNext", False), ("", False)]
)
def test_a_twin_tells_of_a_slot_that_its_operator_did_not_know(reason, expected):
    last = closed(attempt(), Verdict.ABANDONED, reason=reason) if reason else attempt()

    assert expected is lanes.had_twin([attempt(), last])

"""Which slot a new attempt gets, and which number.

Input: what a run is for, the policy, the newest attempt of each slot. Output: a slot,
or that there is none.
"""

import pytest

from mnist_operator import lanes
from mnist_operator.plan import Task
from mnist_operator.runs import Verdict
from unit.builders import ago, attempt, closed, commit, ident, observed, training

_FAILED, _ABANDONED = Verdict.FAILED, Verdict.ABANDONED
_MANUAL = attempt(request="now")


def lost(of=None):
    """An attempt that failed in a way that another one may get over."""
    return closed(of or attempt(), _FAILED, retryable=True)


def holding(slot, commit_number=2, **fields):
    """An open attempt in a slot."""
    return attempt(commit_number=commit_number, slot=slot, **fields)


def given_up(slot, **fields):
    return closed(attempt(slot=slot, **fields), _ABANDONED)


_slots = pytest.mark.parametrize(
    ("most", "attempts", "expected"),
    [
        pytest.param(1, [], 0, id="no attempt yet: the first"),
        pytest.param(1, [holding(0)], None, id="Forbid, and one runs: none"),
        pytest.param(3, [holding(0)], 1, id="the first is held: the second"),
        pytest.param(
            3, [holding(0), holding(2, 3)], 1, id="a hole in the middle: that one"
        ),
        pytest.param(2, [holding(1)], 0, id="a hole in front: that one"),
        pytest.param(
            2,
            [holding(0), holding(1, 3), holding(2, 4)],
            None,
            id="maxParallel was lowered: none until enough have ended",
        ),
        pytest.param(
            2,
            [given_up(0), given_up(1), holding(2, 4)],
            0,
            id="maxParallel was lowered: those above still run, so one more may",
        ),
        pytest.param(3, [holding(1, 1)], None, id="it has a slot already"),
        pytest.param(
            3,
            [given_up(2), holding(0)],
            2,
            id="its last attempt was given up: where that was, with its number",
        ),
        pytest.param(
            3,
            [holding(0, 1, request="now")],
            None,
            id="a run by hand for the same commit serves it too",
        ),
        pytest.param(
            3,
            [given_up(0), holding(1, 1)],
            None,
            id="a twin was given up, the other has its slot",
        ),
    ],
)


@_slots
def test_a_new_attempt_gets_this_slot(most, attempts, expected):
    of = training(concurrencyPolicy="Allow", maxParallel=most)

    seen = observed(training=of, attempts=tuple(attempts))

    assert expected == lanes.free_slot(seen, Task(commit()))


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        pytest.param([], 1, id="no attempt yet"),
        pytest.param([attempt(2)], 1, id="one is open: nothing is to be counted"),
        pytest.param([lost(attempt(2))], 3, id="one failed: it counts"),
        pytest.param(
            [closed(attempt(2), _ABANDONED)], 2, id="one was given up: it does not"
        ),
        pytest.param([lost(attempt(2, commit_number=7))], 1, id="another commit's"),
        pytest.param(
            [lost(attempt(2, request="now"))], 1, id="a request's for the same commit"
        ),
        pytest.param(
            [lost(attempt(3, commit_number=7)), lost(attempt(1, slot=1))],
            2,
            id="its own is in another slot",
        ),
    ],
)
def test_attempts_are_counted_for_each_task(attempts, expected):
    seen = observed(attempts=tuple(attempts))

    assert expected == lanes.next_number(seen, Task(commit()))


def test_a_request_is_a_task_of_its_own():
    of = training(concurrencyPolicy="Allow")
    mine, in_turn = lost(_MANUAL), attempt(opened=ago(9), staging=ident(7), slot=1)

    seen = observed(training=of, attempts=(mine, in_turn))

    assert 2 == lanes.next_number(seen, Task(commit(), "now"))
    assert 1 == lanes.next_number(seen, Task(commit(), "later"))
    only = observed(training=of, attempts=(in_turn,))
    assert 0 == lanes.free_slot(only, Task(commit(), "now"))


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        pytest.param([lost()], True, id="nothing runs"),
        pytest.param([lost(), holding(1)], True, id="one runs of two"),
        pytest.param(
            [lost(), holding(1), holding(2, 3)],
            False,
            id="two run of two, since maxParallel was lowered",
        ),
    ],
)
def test_an_attempt_follows_another_where_there_is_room(attempts, expected):
    of = training(concurrencyPolicy="Allow", maxParallel=2)

    assert expected is lanes.has_room(observed(training=of, attempts=tuple(attempts)))

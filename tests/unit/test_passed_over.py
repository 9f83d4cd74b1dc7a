"""Commits that are passed over: newer ones took their place, or their time is over.

Input: the policies, the commits that wait, what is under way. Output: the lines to
record, oldest commit first.
"""

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.decisions import SUPERSEDED, Decision
from mnist_operator.openings import start_next
from mnist_operator.runs import Verdict
from unit.builders import (
    NOW,
    ago,
    attempt,
    closed,
    commit,
    ident,
    ledger,
    observed,
    opening,
    source,
    training,
)

_LATEST = training(trigger={"mode": "LatestOnly"})
_REPLACE = training(concurrencyPolicy="Replace")
_SOON = training(startingDeadlineSeconds=600)
_FOURTH_OPEN = commit(4, state=CommitState.OPEN, started=ago(60))
_BAD = commit(2, state=CommitState.ERRORED)


def decide(of, *waiting, **fields):
    return start_next(observed(training=of, source=source(*waiting), **fields), NOW)


def told(plan):
    """What the lines to record say: number of the commit, reason."""
    ((*lines,),) = (action.entries for action in plan.actions)
    assert {Decision.SKIPPED} == {line.decision for line in lines}
    return [(int(line.commit[:4], 16), line.reason) for line in lines]


@pytest.mark.parametrize(
    ("of", "waiting", "fields", "expected"),
    [
        pytest.param(
            _LATEST,
            [commit(1), commit(2), commit(3)],
            {},
            [(1, SUPERSEDED), (2, SUPERSEDED)],
            id="latest: all before the newest, oldest first",
        ),
        pytest.param(
            _REPLACE,
            [commit(1), commit(2)],
            {},
            [(1, SUPERSEDED)],
            id="replace: the same",
        ),
        pytest.param(
            _LATEST,
            [commit(1), commit(3), _FOURTH_OPEN],
            {},
            [(1, SUPERSEDED)],
            id="latest: not for a head that is being written",
        ),
        pytest.param(
            _LATEST,
            [commit(1), _BAD, commit(3)],
            {},
            [(1, SUPERSEDED)],
            id="up to one with an error, which has a reason of its own",
        ),
        pytest.param(
            _LATEST,
            [commit(1), commit(2), commit(3)],
            {"attempt": attempt(commit_number=2)},
            [(1, SUPERSEDED)],
            id="up to one that is under way",
        ),
        pytest.param(
            _LATEST,
            [commit(1), commit(2)],
            {"attempt": attempt(request="now")},
            [(1, SUPERSEDED)],
            id="also one for which a run was requested",
        ),
        pytest.param(
            _SOON,
            [commit(1), commit(2), commit(3, started=ago(60))],
            {},
            [(1, "Expired"), (2, "Expired")],
            id="those whose turn came too late",
        ),
        pytest.param(
            _SOON,
            [commit(1), _BAD],
            {},
            [(1, "Expired")],
            id="up to one with an error, also when it is old",
        ),
        pytest.param(
            training(trigger={"mode": "LatestOnly"}, startingDeadlineSeconds=600),
            [commit(1), commit(2)],
            {},
            [(1, SUPERSEDED), (2, "Expired")],
            id="the newest, when even its turn came too late",
        ),
    ],
)
def test_it_is_recorded_which_commits_and_why(of, waiting, fields, expected):
    assert expected == told(decide(of, *waiting, **fields))


@pytest.mark.parametrize(
    ("of", "waiting", "fields"),
    [
        pytest.param(
            _LATEST,
            [commit(1), commit(2)],
            {"attempt": attempt()},
            id="the oldest is under way",
        ),
        pytest.param(_SOON, [commit(1)], {"attempt": attempt()}, id="it is under way"),
        pytest.param(
            training(
                concurrencyPolicy="Allow",
                startingDeadlineSeconds=600,
                maxParallel=2,
            ),
            [commit(1), commit(2)],
            {"attempt": attempt()},
            id="it has expired, but the one before it is under way",
        ),
    ],
)
def test_commits_wait_for_those_before_them(of, waiting, fields):
    assert decide(of, *waiting, **fields) is None


def test_it_is_said_what_took_a_commits_place():
    plan = decide(_LATEST, commit(1), commit(2))

    [line] = plan.actions[0].entries
    assert f"Input commit {ident(2)} took its place." == line.message
    assert ("", 0, NOW) == (line.run, line.attempt, line.time)


def test_a_run_that_was_stopped_for_it_is_named():
    stopped = closed(attempt(2), Verdict.ABANDONED, reason=SUPERSEDED)

    plan = decide(_REPLACE, commit(1), commit(2), attempt=stopped)

    [line] = plan.actions[0].entries
    assert (stopped.staging, 2) == (line.run, line.attempt)
    assert "Attempt 2 was stopped for it." in line.message


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(
            closed(attempt(), Verdict.ABANDONED, reason="SpecChanged"),
            id="it was given up for another reason",
        ),
        pytest.param(
            closed(attempt(commit_number=9), Verdict.ABANDONED, reason=SUPERSEDED),
            id="it was another commit's",
        ),
    ],
)
def test_no_other_run_is_named(other):
    plan = decide(_REPLACE, commit(1), commit(2), attempt=other)

    [line] = plan.actions[0].entries
    assert ("", 0) == (line.run, line.attempt)


def test_an_expired_commit_tells_its_deadline():
    plan = decide(_SOON, commit(1))

    assert "within 600 seconds" in plan.actions[0].entries[0].message


def test_nothing_is_passed_over_while_the_queue_is_held():
    """After a suspension the newest is trained, and it is recorded what was not."""
    held = training(suspend=True, trigger={"mode": "LatestOnly"})

    assert () == decide(held, commit(1), commit(2)).actions


def test_a_commit_whose_place_was_taken_is_decided_before_the_next_one_starts():
    before = decide(_LATEST, commit(1), commit(2))
    book = ledger(*before.actions[0].entries)

    after = decide(_LATEST, commit(2), ledger=book)

    assert (opening(commit(2)),) == after.actions

"""Where following a branch begins.

Input: what spec.trigger.startFrom asks, what the branch holds, what the ledger says.
Output: the starting point to record, or why there is none.
"""

import pytest

from mnist_operator.beginnings import find_start
from mnist_operator.decisions import Decision, Start
from mnist_operator.ledger import Ledger
from mnist_operator.plan import Record
from mnist_operator.runs import Verdict
from mnist_operator.status import Reason
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
    source,
    training,
)

_HEAD = commit(2)
_FAILED = Verdict.FAILED
_BRANCH = "default/inputrepo@master"


def asking(asked, **fields):
    of = training(trigger={"startFrom": asked})
    return observed(training=of, **({"source": source(_HEAD)} | fields))


@pytest.mark.parametrize(
    ("asked", "fields", "start"),
    [
        pytest.param(
            "Latest",
            {},
            Start("Latest", _HEAD.id, after=_HEAD.started, source=_BRANCH),
            id="Latest begins with the head as first found",
        ),
        pytest.param(
            "Next",
            {},
            Start("Next", _HEAD.id, False, _HEAD.started, _BRANCH),
            id="Next begins after the head as first found",
        ),
        pytest.param(
            "Earliest",
            {},
            Start("Earliest", source=_BRANCH),
            id="Earliest begins at the root",
        ),
        pytest.param(
            "Latest",
            {"source": source()},
            Start("Latest", source=_BRANCH),
            id="Latest of an empty branch is all that comes",
        ),
        pytest.param(
            "Next",
            {"source": source()},
            Start("Next", source=_BRANCH),
            id="Next of an empty branch is all that comes",
        ),
        pytest.param(
            ident(1),
            {"source": source(_HEAD, start_commit=commit(1))},
            Start(ident(1), ident(1), True, commit(1).started, _BRANCH),
            id="a commit begins with itself",
        ),
    ],
)
def test_the_starting_point_is_recorded_once_and_for_all(asked, fields, start):
    plan = find_start(asking(asked, ledger=Ledger(), **fields), NOW)

    ((line,),) = (action.entries for action in plan.actions)
    assert (Decision.STARTED, NOW, start) == (line.decision, line.time, line.start)
    assert Reason.WAITING_FOR_DATA is plan.story.reason


def test_an_unknown_commit_stalls_and_says_what_to_write_instead():
    plan = find_start(asking(ident(9), ledger=Ledger()), NOW)

    assert () == plan.actions
    assert Reason.INVALID_SPEC is plan.story.reason
    assert plan.story.stalled
    assert "False" == plan.story.ready
    assert ident(9) in plan.story.message
    assert "default/inputrepo" in plan.story.message


def test_a_recorded_start_stays_also_when_the_head_has_moved_on():
    assert None is find_start(asking("Latest", source=source(commit(7))), NOW)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="nothing is under way"),
        pytest.param({"attempt": attempt()}, id="an attempt has no job yet"),
        pytest.param(
            {"attempt": closed(attempt()), "ledger": ledger(entry(1))},
            id="the last attempt's commit is decided",
        ),
        pytest.param(
            {"attempt": closed(attempt(), Verdict.ABANDONED)},
            id="the last attempt was given up",
        ),
        pytest.param(
            {"attempt": closed(attempt(), _FAILED, retryable=True)},
            id="the last attempt waits for its backoff",
        ),
    ],
)
def test_another_startfrom_makes_another_start(fields):
    plan = find_start(asking("Earliest", **fields), NOW)

    assert [Record] == [type(action) for action in plan.actions]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(
            {"attempt": attempt(), "jobs": [job(phase=JobPhase.RUNNING)]},
            id="a job runs",
        ),
        pytest.param(
            {"attempt": attempt(), "created": frozenset({job().name})},
            id="a job was lost, and the attempt is not closed yet",
        ),
        pytest.param({"attempt": closed(attempt())}, id="a model is to be published"),
        pytest.param(
            {"attempt": closed(attempt(), _FAILED)}, id="a failure is to be recorded"
        ),
        pytest.param(
            {"attempt": closed(attempt(3), _FAILED, retryable=True)},
            id="the last attempt of all failed",
        ),
    ],
)
def test_another_startfrom_waits_for_the_commit_that_is_under_way(fields):
    assert None is find_start(asking("Earliest", **fields), NOW)

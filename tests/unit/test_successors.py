"""A newer commit takes the place of a run: it stops it, or comes before its retry.

Input: a run under way or one that failed, the policies, what was pushed meanwhile.
Output: whether the run is stopped, whether its commit is recorded as superseded.
"""

from dataclasses import replace

import pytest

from mnist_operator import outcomes
from mnist_operator.commits import CommitState
from mnist_operator.decisions import SUPERSEDED, Decision
from mnist_operator.plan import DeleteJob
from mnist_operator.runs import Verdict
from mnist_operator.tfjob import JobPhase
from unit.builders import (
    NOW,
    ago,
    attempt,
    closed,
    commit,
    ident,
    job,
    observed,
    opening,
    source,
    training,
)

_FORBID = training()
_LATEST = training(trigger={"mode": "LatestOnly"})
_REPLACE = training(concurrencyPolicy="Replace")
_BOTH = source(commit(1), commit(2))
_SAME = source(commit(1), commit(2), contents={ident(1): "same", ident(2): "same"})
_RUNNING = job(phase=JobPhase.RUNNING)
_LOST = closed(attempt(), Verdict.FAILED, reason="PodLost", retryable=True)


def newer(**fields):
    """What waits beside commit 1: a newer one."""
    return source(commit(1), commit(2, **fields))


def replacing(**spec):
    return training(concurrencyPolicy="Replace", **spec)


_no_successor = pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"source": source(commit(1))}, id="it is the newest itself"),
        pytest.param(
            {"source": newer(state=CommitState.OPEN, started=ago(9))},
            id="the newer one is still being written",
        ),
        pytest.param(
            {"source": newer(state=CommitState.ERRORED)},
            id="the newer one has an error",
        ),
        pytest.param({"source": _SAME}, id="the newer one has the same content"),
        pytest.param(
            {"training": replacing(startingDeadlineSeconds=600)},
            id="the newer one would expire: both would be lost",
        ),
        pytest.param(
            {
                "training": replacing(trigger={"debounceSeconds": 60}),
                "source": newer(started=ago(9)),
            },
            id="the branch has not been quiet for long enough",
        ),
        pytest.param(
            {"training": replacing(trigger={"mode": "LatestOnly", "minCommits": 2})},
            id="there are not enough commits for another run",
        ),
    ],
)


class TestReplace:
    """What becomes of the run under way."""

    @pytest.mark.parametrize(
        "under_way",
        [
            pytest.param(_RUNNING, id="it trains"),
            pytest.param(job(), id="its pod has not started"),
            pytest.param(job(phase=JobPhase.SUSPENDED), id="it is queued by Kueue"),
        ],
    )
    def test_stops_it_behind_its_fence(self, under_way):
        seen = observed(
            training=_REPLACE, source=_BOTH, attempt=attempt(), jobs=[under_way]
        )

        close, delete = outcomes.follow(seen, NOW).actions

        assert (Verdict.ABANDONED, SUPERSEDED) == (
            close.outcome.verdict,
            close.outcome.reason,
        )
        assert ident(2) in close.outcome.message
        assert DeleteJob(under_way.name) == delete

    @_no_successor
    def test_lets_it_go_on_when(self, fields):
        wanted = {"training": _REPLACE, "source": _BOTH} | fields
        seen = observed(attempt=attempt(), jobs=[_RUNNING], **wanted)

        assert () == outcomes.follow(seen, NOW).actions

    @pytest.mark.parametrize(
        ("of", "fields"),
        [
            pytest.param(attempt(), {"training": _FORBID}, id="the policy is Forbid"),
            pytest.param(attempt(), {"training": _LATEST}, id="it is LatestOnly alone"),
            pytest.param(
                attempt(), {"training": replacing(suspend=True)}, id="all is suspended"
            ),
            pytest.param(attempt(request="now"), {}, id="it was requested"),
            pytest.param(
                attempt(),
                {"source": source(commit(5))},
                id="the branch has moved away from its commit",
            ),
        ],
    )
    def test_does_not_stop_it_either_when(self, of, fields):
        wanted = {"training": _REPLACE, "source": _BOTH} | fields
        seen = observed(attempt=of, jobs=[_RUNNING], **wanted)

        assert () == outcomes.follow(seen, NOW).actions

    def test_does_not_stop_what_has_ended(self):
        over = job(phase=JobPhase.SUCCEEDED)
        seen = observed(training=_REPLACE, source=_BOTH, attempt=attempt(), jobs=[over])

        (close,) = outcomes.follow(seen, NOW).actions

        assert Verdict.SUCCEEDED is close.outcome.verdict


def after_failure(of=_LOST, **fields):
    wanted = {"training": _REPLACE, "source": _BOTH} | fields
    return outcomes.retry(observed(attempt=of, **wanted), NOW)


@pytest.mark.parametrize(
    "of", [pytest.param(_LATEST, id="LatestOnly"), pytest.param(_REPLACE, id="Replace")]
)
def test_a_newer_commit_comes_before_another_attempt(of):
    ((line,),) = (action.entries for action in after_failure(training=of).actions)

    assert (Decision.SKIPPED, SUPERSEDED) == (line.decision, line.reason)
    assert (ident(1), _LOST.staging, 1) == (line.commit, line.run, line.attempt)
    assert f"Attempt 1 failed, and {ident(2)} takes its place." == line.message


def test_what_is_superseded_counts_as_no_failure():
    ((line,),) = (action.entries for action in after_failure().actions)

    assert "" == line.by


@_no_successor
def test_a_failed_run_is_tried_again_when(fields):
    assert (opening(commit(1), 2),) == after_failure(**fields).actions


def test_every_commit_is_tried_again_where_every_commit_counts():
    assert (opening(commit(1), 2),) == after_failure(training=_FORBID).actions


def test_no_commit_takes_the_place_of_a_requested_run():
    of = replace(_LOST, request="now")

    assert (opening(commit(1), 2, request="now"),) == after_failure(of).actions


def test_nothing_is_superseded_before_what_is_older_is_decided():
    of = training(trigger={"mode": "LatestOnly"}, concurrencyPolicy="Allow")
    second = closed(attempt(commit_number=2, slot=1), Verdict.FAILED, retryable=True)
    three = source(commit(1), commit(2), commit(3))
    seen = observed(training=of, source=three, attempts=(attempt(), second))

    assert outcomes.retry(seen, NOW) is None

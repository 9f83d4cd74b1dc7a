"""Several attempts at once: which goes first, and two that are for the same.

Input: open attempts in slots of their own. Output: what is done about which of them.
"""

from dataclasses import replace

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.outcomes import follow
from mnist_operator.plan import CloseAttempt, CreateJob
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
    source,
    training,
)

_ALLOW = training(concurrencyPolicy="Allow", maxParallel=2)
_BOTH = source(commit(1), commit(2))


def seen(*attempts, **fields):
    return observed(attempts=attempts, **({"training": _ALLOW} | fields))


def reason_to_close(plan):
    (close,) = plan.actions
    assert isinstance(close, CloseAttempt)
    return close.outcome.verdict, close.outcome.reason


_first = attempt(opened=ago(300))
_twin = attempt(opened=ago(299), staging=ident(0xFFFF), slot=1)


class TestTwins:
    """Two operators that looked at the same time opened one attempt each."""

    def test_the_later_one_is_given_up(self):
        plan = follow(seen(_first, _twin, jobs=[job(_first)]), NOW)

        assert (Verdict.ABANDONED, "Twin") == reason_to_close(plan)
        assert _twin == plan.actions[0].attempt

    def test_of_two_that_were_opened_at_once_everybody_chooses_the_same(self):
        same = replace(_twin, opened=_first.opened)
        attempts = (same, _first)

        plans = [
            follow(seen(*order, jobs=[job(_first)]), NOW)
            for order in (attempts, attempts[::-1])
        ]

        assert [same, same] == [plan.actions[0].attempt for plan in plans]

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param(replace(_twin, commit=ident(2)), id="another commit's run"),
            pytest.param(replace(_twin, request="now"), id="a requested run"),
        ],
    )
    def test_no_other_run_is_a_twin(self, other):
        jobs = [job(each, phase=JobPhase.RUNNING) for each in (_first, other)]

        plan = follow(seen(_first, other, source=_BOTH, jobs=jobs), NOW)

        assert () == plan.actions

    def test_one_that_was_given_up_has_no_twin(self):
        gone = closed(_first, Verdict.ABANDONED)

        plan = follow(seen(gone, _twin), NOW)

        assert (CreateJob(_twin),) == plan.actions


class TestSeveralAtOnce:
    def test_what_any_of_them_needs_done_is_done_first(self):
        second = attempt(commit_number=2, slot=1)
        jobs = [job(phase=JobPhase.RUNNING), job(second, phase=JobPhase.SUCCEEDED)]

        plan = follow(seen(attempt(), second, source=_BOTH, jobs=jobs), NOW)

        assert second == plan.actions[0].attempt

    def test_the_first_one_is_told_and_the_others_are_counted(self):
        second = attempt(commit_number=2, slot=1, opened=ago(200))
        jobs = [
            job(phase=JobPhase.RUNNING, created=ago(1000)),
            job(second, phase=JobPhase.RUNNING, created=ago(2000)),
        ]

        plan = follow(seen(attempt(), second, source=_BOTH, jobs=jobs), NOW)

        assert ident(1) in plan.story.message
        assert plan.story.message.endswith("1 more under way.")
        assert ago(-1600) == plan.look_again_at

    def test_one_that_waits_for_its_data_is_among_them(self):
        late = commit(2, state=CommitState.OPEN, started=ago(60))
        second = attempt(commit_number=2, slot=1)
        running = job(phase=JobPhase.RUNNING)

        plan = follow(
            seen(
                attempt(),
                second,
                source=source(commit(1), late),
                inputs={ident(1): commit(1), ident(2): late},
                jobs=[running],
            ),
            NOW,
        )

        assert ((), ago(-540)) == (plan.actions, plan.look_again_at)

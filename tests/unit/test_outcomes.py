"""What has come to its end: published, tried again, recorded, skipped.

Input: closed attempts, the commits that wait, the policies. Output: what is done
about the one whose turn it is. Open attempts are in test_attempts, newer commits that
take the place of a failed one in test_successors, skips in test_skips.
"""

from dataclasses import replace

import pytest

from mnist_operator import outcomes
from mnist_operator.commits import CommitState
from mnist_operator.decisions import Decision
from mnist_operator.plan import Publish
from mnist_operator.runs import Verdict
from mnist_operator.status import Reason
from mnist_operator.tfjob import JobPhase
from unit.builders import (
    NOW,
    OUTPUT,
    ago,
    attempt,
    closed,
    commit,
    entry,
    ident,
    job,
    ledger,
    observed,
    opening,
    source,
    training,
)

_ALLOW = training(concurrencyPolicy="Allow", maxParallel=3)
_LATEST = training(trigger={"mode": "LatestOnly"})
_SUSPENDED = training(suspend=True)
_BOTH = source(commit(1), commit(2))
_BAD = commit(1, state=CommitState.ERRORED)

_first, _second = attempt(), attempt(commit_number=2, slot=1, opened=ago(299))
_good, _later_good = closed(_first), closed(_second)
_THEIRS = commit(7, repo=OUTPUT, state=CommitState.OPEN, started=ago(5400))


def lost(of=_first, **fields):
    """It failed a minute ago, in a way that another attempt may get over."""
    wanted = {"reason": "PodLost", "message": "Evicted.", "retryable": True}
    return closed(of, Verdict.FAILED, **(wanted | fields))


def hopeless(of=_first):
    return closed(of, Verdict.FAILED, reason="DataInvalid", message="No labels.")


def seen(*attempts, **fields):
    return observed(attempts=attempts, **({"source": _BOTH} | fields))


def lines(plan):
    ((*found,),) = (action.entries for action in plan.actions)
    return found


class TestPublish:
    @pytest.mark.parametrize(
        ("attempts", "fields", "expected"),
        [
            pytest.param([_good], {}, _good, id="the oldest commit's model"),
            pytest.param(
                [_good, _later_good], {}, _good, id="of two models the older commit's"
            ),
            pytest.param(
                [_first, _later_good], {}, None, id="not before the commit before it"
            ),
            pytest.param(
                [lost(), _later_good], {}, None, id="not while that is tried again"
            ),
            pytest.param(
                [_later_good],
                {"source": source(commit(2))},
                _later_good,
                id="once the commit before it is decided",
            ),
            pytest.param(
                [_good],
                {"source": source(commit(5))},
                _good,
                id="though the branch has moved away from it",
            ),
            pytest.param(
                [closed(attempt(commit_number=2, request="now"))],
                {},
                closed(attempt(commit_number=2, request="now")),
                id="out of turn, when it was requested",
            ),
            pytest.param(
                [_good], {"training": _SUSPENDED}, _good, id="also while suspended"
            ),
            pytest.param([_first], {}, None, id="none before it has ended"),
        ],
    )
    def test_models_are_published_in_the_order_of_their_commits(
        self, attempts, fields, expected
    ):
        wanted = {"training": _ALLOW} | fields

        plan = outcomes.publish(seen(*attempts, **wanted), NOW)

        actions = plan.actions if plan else ()
        assert ((Publish(expected),) if expected else ()) == actions

    def test_a_foreign_open_head_on_the_output_branch_is_waited_for(self):
        plan = outcomes.publish(seen(_good, output_holder=_THEIRS), NOW)

        assert () == plan.actions
        assert Reason.OUTPUT_BUSY is plan.story.reason
        assert (
            f"The output branch is busy: commit {ident(7)} on default/outputrepo@master"
            " is held open by somebody else since 2026-01-01 10:30 UTC; finish it"
            f" (pachctl finish commit outputrepo@{ident(7)}), or drop it, and the model"
            " is published."
        ) == plan.story.message
        assert ago(-5) == plan.look_again_at

    def test_one_that_pachd_still_finishes_is_waited_for_as_well(self):
        finishing = replace(_THEIRS, finishing=ago(60))

        plan = outcomes.publish(seen(_good, output_holder=finishing), NOW)

        assert () == plan.actions
        assert (
            f"The output branch is busy: Pachyderm still finishes commit {ident(7)} on"
            " default/outputrepo@master; then the model is published."
        ) == plan.story.message
        assert ago(-5) == plan.look_again_at


class TestRetry:
    def test_after_its_backoff_the_next_attempt_follows_in_the_same_slot(self):
        of = replace(lost(_second), number=2)

        plan = outcomes.retry(seen(of, training=_ALLOW), NOW)

        assert (opening(commit(2), 3, slot=1),) == plan.actions
        assert Reason.RETRYING is plan.story.reason

    def test_a_requested_run_is_tried_again_for_the_request(self):
        of = lost(attempt(request="now"))

        plan = outcomes.retry(seen(of, source=source()), NOW)

        assert (opening(commit(1), 2, request="now"),) == plan.actions

    @pytest.mark.parametrize(
        ("attempts", "fields"),
        [
            pytest.param([], {}, id="nothing failed"),
            pytest.param([_good], {}, id="it succeeded"),
            pytest.param([lost()], {"training": _SUSPENDED}, id="all is suspended"),
            pytest.param(
                [lost(_second)],
                {
                    "training": training(
                        concurrencyPolicy="Allow", stopAfterFailures=1
                    ),
                    "ledger": ledger(entry(9, Decision.FAILED, by="uid-1/1")),
                },
                id="too many others failed, and all is stopped",
            ),
            pytest.param(
                [lost()], {"source": source(commit(2))}, id="the branch moved away"
            ),
        ],
    )
    def test_nothing_is_tried_again_when(self, attempts, fields):
        assert outcomes.retry(seen(*attempts, **fields), NOW) is None

    def test_of_two_backoffs_the_shorter_one_is_told(self):
        late, soon = lost(at=ago(0)), lost(_second, at=ago(5))

        plan = outcomes.retry(seen(late, soon, training=_ALLOW), NOW)

        assert () == plan.actions
        assert ident(2) in plan.story.message
        assert outcomes.retry_at(observed(), soon) == plan.look_again_at

    def test_a_failure_to_record_goes_before_a_backoff(self):
        waiting, over = lost(_second, at=NOW), hopeless()

        plan = outcomes.retry(seen(waiting, over, training=_ALLOW), NOW)

        assert [ident(1)] == [line.commit for line in lines(plan)]

    def test_with_fewer_slots_than_before_it_waits_until_one_is_free(self):
        running = attempt(commit_number=2, slot=1)

        plan = outcomes.retry(seen(lost(), running), NOW)

        assert ((), None) == (plan.actions, plan.look_again_at)
        assert Reason.RETRYING is plan.story.reason

    def test_a_requested_run_whose_commit_is_gone_has_failed(self):
        of = lost(attempt(request="now"))

        plan = outcomes.retry(seen(of, input_commit=None), NOW)

        [line] = lines(plan)
        assert (Decision.FAILED, "InputGone", "now") == (
            line.decision,
            line.reason,
            line.request,
        )


class TestFailureIsRecorded:
    def test_with_what_ran_and_for_which_spec(self):
        of = hopeless(attempt(3, generation=7))

        [line] = lines(outcomes.retry(seen(of), NOW))

        assert (Decision.FAILED, ident(1), "DataInvalid", "No labels.") == (
            line.decision,
            line.commit,
            line.reason,
            line.message,
        )
        assert (of.staging, 3, of.digest) == (line.run, line.attempt, line.spec)
        assert job(of, phase=JobPhase.FAILED).name == line.tfjob
        assert "uid-1/7" == line.by

    @pytest.mark.parametrize(
        ("attempts", "waiting", "recorded"),
        [
            pytest.param([hopeless()], _BOTH, True, id="it is the oldest commit's"),
            pytest.param(
                [_first, hopeless(_second)], _BOTH, False, id="an older commit is run"
            ),
            pytest.param([hopeless(_second)], _BOTH, False, id="an older commit waits"),
            pytest.param(
                [hopeless(attempt(commit_number=2, request="now"))],
                _BOTH,
                True,
                id="it was requested",
            ),
            pytest.param(
                [hopeless()], source(commit(5)), True, id="the branch has moved away"
            ),
        ],
    )
    def test_only_when_its_turn_has_come(self, attempts, waiting, recorded):
        fields = {"training": _ALLOW, "source": waiting}

        plan = outcomes.retry(seen(*attempts, **fields), NOW)

        assert recorded is (plan is not None)

    def test_also_while_suspended(self):
        plan = outcomes.retry(seen(hopeless(), training=_SUSPENDED), NOW)

        assert [Decision.FAILED] == [line.decision for line in lines(plan)]

"""What holds all waiting commits back: a suspension, noise, a shortage.

Input: the policies, the commits that wait, what was decided. Output: what is told,
and when the gate opens by itself. The stop after failures is in test_streaks.
"""

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.decisions import SUPERSEDED, Decision
from mnist_operator.runs import Verdict
from mnist_operator.status import Reason
from mnist_operator.turns import find_gate, may_start
from unit.builders import (
    NOW,
    ago,
    attempt,
    closed,
    commit,
    entry,
    ledger,
    observed,
    source,
    training,
)


def gate(of, *waiting, **fields):
    """What holds the commits; by default one waits, pushed a while ago."""
    at_hand = source(*(waiting or (commit(1),)))
    return find_gate(observed(training=of, **({"source": at_hand} | fields)), NOW)


def test_by_default_nothing_holds_a_commit():
    assert gate(training()) is None


class TestSuspended:
    @pytest.mark.parametrize(
        ("waiting", "words"),
        [
            pytest.param([], "0 commits wait", id="nothing waits"),
            pytest.param([commit(1)], "1 commit waits", id="one waits"),
            pytest.param([commit(1), commit(2)], "2 commits wait", id="two wait"),
        ],
    )
    def test_it_is_said_how_many_wait_and_that_none_is_lost(self, waiting, words):
        held = gate(training(suspend=True), source=source(*waiting))

        assert Reason.SUSPENDED is held.story.reason
        assert words in held.story.message
        assert "none is lost" in held.story.message
        assert not held.story.stalled

    def test_it_goes_before_every_other_gate(self):
        failed = entry(1, Decision.FAILED, by="uid-1/1")
        of = training(suspend=True, stopAfterFailures=1)

        held = gate(of, ledger=ledger(failed))

        assert Reason.SUSPENDED is held.story.reason


def test_while_suspended_a_requested_run_may_not_start_either():
    assert not may_start(observed(training=training(suspend=True)), "now")


_QUIET = training(trigger={"debounceSeconds": 60})


def pushed(seconds_ago, state=CommitState.FINISHED):
    """A commit that was started so long ago; finished two seconds later."""
    return commit(1, state=state, started=ago(seconds_ago))


class TestQuietPeriod:
    @pytest.mark.parametrize(
        ("head", "opens"),
        [
            pytest.param(
                pushed(32), ago(-30), id="finished half a minute ago: half a minute"
            ),
            pytest.param(
                pushed(31, CommitState.FINISHING),
                ago(-30),
                id="being finished for half a minute: half a minute",
            ),
            pytest.param(
                pushed(32, CommitState.ERRORED),
                ago(-30),
                id="finished with an error: that was a push as well",
            ),
            pytest.param(
                pushed(32, CommitState.OPEN),
                ago(-568),
                id="being written: until it is called left open",
            ),
        ],
    )
    def test_it_waits_until_the_branch_was_quiet(self, head, opens):
        held = gate(_QUIET, head)

        assert Reason.WAITING_FOR_QUIET is held.story.reason
        assert held.story.reconciling
        assert opens == held.look_again_at
        assert "quiet for 60 seconds" in held.story.message
        assert held.story.message.endswith("; 1 commit waits.")

    def test_the_newest_push_counts(self):
        old = commit(1)

        assert ago(-60) == gate(_QUIET, old, commit(2, started=ago(2))).look_again_at

    @pytest.mark.parametrize(
        "head",
        [
            pytest.param(pushed(62), id="finished a minute ago"),
            pytest.param(pushed(600, CommitState.OPEN), id="left open"),
        ],
    )
    def test_then_it_lets_them_go(self, head):
        assert gate(_QUIET, head) is None

    def test_pushes_that_never_pause_are_waited_for_ten_times_as_long(self):
        pushes = [commit(n, started=ago(2 + 590 - 50 * n)) for n in range(12)]

        held = gate(_QUIET, *pushes)

        assert ago(-10) == held.look_again_at
        assert (
            "spec.trigger.debounceSeconds: waiting until the branch was quiet for 60"
            " seconds, or until 2026-01-01 12:00:10 UTC at the latest; 12 commits wait."
        ) == held.story.message

    def test_then_a_run_is_started_however_fresh_the_newest_is(self):
        pushes = [commit(n, started=ago(2 + 600 - 50 * n)) for n in range(12)]

        assert gate(_QUIET, *pushes) is None

    def test_also_while_another_commit_is_being_written(self):
        pushes = [commit(n, started=ago(2 + 600 - 50 * n)) for n in range(12)]
        writing = commit(12, state=CommitState.OPEN, started=ago(1))

        assert gate(_QUIET, *pushes, writing) is None

    def test_what_is_trained_already_does_not_wait_any_more(self):
        pushes = [commit(n, started=ago(2 + 600 - 50 * n)) for n in range(1, 13)]

        held = gate(_QUIET, *pushes, attempt=attempt())

        assert ago(-50) == gate(_QUIET, *pushes).look_again_at
        assert ago(-60) == held.look_again_at

    def test_of_a_wave_whose_older_commits_are_superseded_the_newest_is_due(self):
        book = ledger(superseded(1))

        assert gate(_QUIET, commit(2, started=ago(2)), ledger=book) is None

    @pytest.mark.parametrize(
        "fields",
        [
            pytest.param(
                {"ledger": ledger(entry(1, Decision.FAILED, reason=SUPERSEDED))},
                id="a-trainer-calls-its-failure-so",
            ),
            pytest.param(
                {
                    "ledger": ledger(
                        entry(1, Decision.SKIPPED, reason=SUPERSEDED),
                        entry(2, Decision.SKIPPED, reason="ContentUnchanged"),
                    )
                },
                id="the-newest-of-that-wave-was-decided",
            ),
            pytest.param(
                {
                    "ledger": ledger(entry(1, Decision.SKIPPED, reason=SUPERSEDED)),
                    "attempt": attempt(commit_number=2),
                },
                id="the-newest-of-that-wave-is-under-way",
            ),
        ],
    )
    def test_nothing_else_ends_the_wait_of_the_next_push(self, fields):
        held = gate(_QUIET, commit(3, started=ago(2)), **fields)

        assert Reason.WAITING_FOR_QUIET is held.story.reason

    def test_without_any_commit_there_is_nothing_to_wait_for(self):
        assert gate(_QUIET, source=source()) is None

    def test_without_a_quiet_period_a_fresh_push_is_trained_at_once(self):
        assert gate(training(), pushed(2)) is None


_THREE = training(trigger={"mode": "LatestOnly", "minCommits": 3})


def superseded(number):
    return entry(number, Decision.SKIPPED, reason=SUPERSEDED)


class TestMinimumOfCommits:
    @pytest.mark.parametrize(
        ("waiting", "fields", "count"),
        [
            pytest.param([commit(1)], {}, 1, id="one finished"),
            pytest.param(
                [commit(1), commit(2), commit(3, state=CommitState.OPEN)],
                {},
                2,
                id="two finished, one is being written",
            ),
            pytest.param(
                [commit(1), commit(2), commit(3, state=CommitState.ERRORED)],
                {},
                2,
                id="two finished, one with an error",
            ),
            pytest.param(
                [commit(1), commit(2), commit(3)],
                {"attempt": attempt()},
                2,
                id="three finished, one is being trained",
            ),
            pytest.param(
                [commit(2)],
                {"ledger": ledger(superseded(1))},
                2,
                id="one was superseded already",
            ),
            pytest.param(
                [commit(4)],
                {"ledger": ledger(superseded(1), superseded(2), entry(3))},
                1,
                id="two were superseded, but for a run that is over",
            ),
            pytest.param(
                [commit(3), commit(4)],
                {
                    "attempt": attempt(commit_number=3),
                    "ledger": ledger(superseded(1), superseded(2)),
                },
                1,
                id="two were superseded, for the run under way",
            ),
        ],
    )
    def test_too_few_wait_for_more(self, waiting, fields, count):
        held = gate(_THREE, *waiting, **fields)

        assert Reason.WAITING_FOR_COMMITS is held.story.reason
        assert f"{count} of 3 commits" in held.story.message
        assert held.look_again_at is None

    @pytest.mark.parametrize(
        ("waiting", "fields"),
        [
            pytest.param([commit(1), commit(2), commit(3)], {}, id="three finished"),
            pytest.param(
                [commit(3)],
                {"ledger": ledger(superseded(1), superseded(2))},
                id="the two before were recorded as superseded already",
            ),
            pytest.param(
                [commit(1), commit(2), commit(3)],
                {"attempt": closed(attempt(), Verdict.ABANDONED)},
                id="a run was given up, so all three wait",
            ),
        ],
    )
    def test_enough_of_them_let_the_newest_go(self, waiting, fields):
        assert gate(_THREE, *waiting, **fields) is None

    @pytest.mark.parametrize(
        ("book", "ready"),
        [
            pytest.param(ledger(), "Unknown", id="nothing decided yet"),
            pytest.param(ledger(entry(9)), "True", id="the last one has a model"),
            pytest.param(
                ledger(entry(9, Decision.FAILED)), "False", id="the last one failed"
            ),
        ],
    )
    def test_waiting_for_more_is_as_ready_as_before(self, book, ready):
        assert ready == gate(_THREE, ledger=book).story.ready

"""Failures in a row: how they are counted, and what becomes of a training then.

Input: the lines of the ledger, the spec. Output: the streak; whether it stops.
"""

from dataclasses import replace

import pytest

from mnist_operator.decisions import Decision
from mnist_operator.ledger import Streak
from mnist_operator.status import Reason
from mnist_operator.turns import find_gate, may_start
from unit.builders import NOW, entry, ledger, observed, source, training

_FAILED, _SKIPPED = Decision.FAILED, Decision.SKIPPED


def failure(number, by="uid-1/1", **fields):
    return entry(number, _FAILED, by=by, **fields)


_TWICE = training(stopAfterFailures=2)
_two_failed = ledger(failure(1), failure(2))


class TestStoppedAfterFailures:
    @pytest.mark.parametrize(
        ("of", "book", "expected"),
        [
            pytest.param(_TWICE, ledger(), False, id="nothing failed"),
            pytest.param(_TWICE, ledger(failure(1)), False, id="one failed of two"),
            pytest.param(_TWICE, _two_failed, True, id="two failed of two"),
            pytest.param(
                _TWICE,
                ledger(failure(1), failure(2), failure(3)),
                True,
                id="a third one failed, which was under way then",
            ),
            pytest.param(
                _TWICE,
                ledger(failure(1), entry(2), failure(3)),
                False,
                id="a model came between them",
            ),
            pytest.param(
                _TWICE,
                ledger(failure(1), entry(2, _SKIPPED), failure(3)),
                True,
                id="a skip came between them, which says nothing about the trainer",
            ),
            pytest.param(
                training(stopAfterFailures=2, generation=2),
                _two_failed,
                False,
                id="the spec was changed since",
            ),
            pytest.param(
                training(stopAfterFailures=2, uid="uid-2"),
                _two_failed,
                False,
                id="the MnistTraining was created anew",
            ),
            pytest.param(
                _TWICE,
                ledger(failure(1, by="uid-1/0"), failure(2)),
                False,
                id="the first of them failed with the spec of before",
            ),
            pytest.param(
                training(stopAfterFailures=0),
                ledger(*(failure(n) for n in range(1, 30))),
                False,
                id="0: never, however many failed",
            ),
            pytest.param(
                training(),
                ledger(*(failure(n) for n in range(1, 11))),
                True,
                id="ten by default",
            ),
        ],
    )
    def test_so_many_failures_in_a_row_stop_it(self, of, book, expected):
        held = find_gate(observed(training=of, ledger=book), NOW)

        assert expected is (held is not None)
        assert expected is not may_start(observed(training=of, ledger=book))

    def test_it_is_stalled_and_says_what_ends_that(self):
        held = find_gate(observed(training=_TWICE, ledger=_two_failed), NOW)

        story = held.story
        assert Reason.STOPPED_AFTER_FAILURES is story.reason
        assert (True, False, "False") == (story.stalled, story.reconciling, story.ready)
        assert "2 commits failed in a row" in story.message
        assert "1 commit waits" in story.message
        assert "any change of the spec goes on" in story.message
        assert "mnistctl retrain team/mnist. Until then 1 commit waits" in story.message

    @pytest.mark.parametrize(
        ("message", "told"),
        [
            ("Exit code 1. No module.", "the last with TrainerFailed: Exit code 1. No"),
            ("", "the last with TrainerFailed. Mend that first"),
            ("x" * 9000, f"{'x' * 385}. Mend that first"),
        ],
    )
    def test_it_says_why_the_last_one_failed(self, message, told):
        last = failure(2, reason="TrainerFailed", message=message)
        book = ledger(failure(1, reason="Other"), last, entry(3, _SKIPPED))

        held = find_gate(observed(training=_TWICE, ledger=book), NOW)

        assert told in held.story.message

    def test_it_does_without_where_that_is_long_ago(self):
        skips = [entry(n, _SKIPPED) for n in range(3, 30)]
        book = ledger(failure(1), failure(2), *skips)

        held = find_gate(observed(training=_TWICE, ledger=book), NOW)

        assert "2 commits failed in a row. Mend that first" in held.story.message

    def test_it_is_told_also_when_nothing_waits(self):
        held = find_gate(
            observed(training=_TWICE, ledger=_two_failed, source=source()), NOW
        )

        assert Reason.STOPPED_AFTER_FAILURES is held.story.reason

    def test_a_requested_run_may_start_nevertheless(self):
        assert may_start(observed(training=_TWICE, ledger=_two_failed), "now")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([], Streak(), id="nothing was decided"),
        pytest.param([failure(1)], Streak("uid-1/1", 1), id="one failed"),
        pytest.param(
            [failure(1), failure(2)], Streak("uid-1/1", 2), id="two failed in a row"
        ),
        pytest.param([failure(1), entry(2)], Streak(), id="a model ends it"),
        pytest.param(
            [failure(1), entry(2, _SKIPPED), failure(3)],
            Streak("uid-1/1", 2),
            id="a skip changes nothing",
        ),
        pytest.param(
            [failure(1), failure(2, by="uid-1/2")],
            Streak("uid-1/2", 1),
            id="another spec begins it anew",
        ),
        pytest.param(
            [failure(1), failure(2), failure(3, request="now")],
            Streak("uid-1/1", 1),
            id="a requested run begins it anew, also when it fails",
        ),
        pytest.param(
            [failure(1), entry(2, request="now")],
            Streak(),
            id="the model of a requested run ends it",
        ),
        pytest.param(
            [failure(1), failure(1)],
            Streak("uid-1/1", 1),
            id="a failure that was written twice counts once",
        ),
        pytest.param(
            [replace(failure(1), by=""), replace(failure(2), by="")],
            Streak("", 2),
            id="lines of an earlier version name no spec",
        ),
    ],
)
def test_failures_in_a_row_are_counted(lines, expected):
    assert expected == ledger(*lines).streak


def test_lines_of_an_earlier_version_stop_nothing():
    old = [replace(failure(n), by="") for n in (1, 2, 3)]

    assert may_start(observed(training=_TWICE, ledger=ledger(*old)))


def test_a_run_by_hand_goes_on_from_a_stop_and_a_further_failure_stops_again():
    requested = failure(3, request="now")

    gone_on = ledger(failure(1), failure(2), requested)
    stopped = ledger(failure(1), failure(2), requested, failure(4))

    assert may_start(observed(training=_TWICE, ledger=gone_on))
    assert not may_start(observed(training=_TWICE, ledger=stopped))

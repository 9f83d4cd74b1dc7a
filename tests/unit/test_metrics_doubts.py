"""What was done without an answer: the next look tells, and it counts once."""

import pytest

from mnist_operator.decisions import Decision
from mnist_operator.metered import Meter
from mnist_operator.plan import CloseAttempt
from mnist_operator.runs import Outcome, Verdict
from unit.builders import NOW, attempt, begun, closed, entry, job, ledger, observed

SEEN = observed(attempt=attempt())
LINES = (
    entry(1, Decision.FAILED),
    entry(2, Decision.SKIPPED, reason="Superseded"),
    entry(3, Decision.SKIPPED, request="again"),
)


class LostError(Exception):
    """No answer came."""


def lose(context):
    """Begin something, and never hear of it."""
    with pytest.raises(LostError), context:
        raise LostError


def test_a_tfjob_that_was_created_after_all_counts():
    meter = Meter()
    lose(meter.starting(SEEN, attempt(), NOW))
    before = meter.tally.started
    meter.saw(observed(attempt=attempt(), jobs=(job(),)), 0)
    meter.saw(observed(attempt=attempt(), jobs=(job(),)), 0)

    assert (0, 1) == (before, meter.tally.started)


def test_a_tfjob_that_never_came_to_be_does_not():
    meter = Meter()
    lose(meter.starting(SEEN, attempt(), NOW))
    meter.saw(SEEN, 0)
    meter.saw(observed(attempt=attempt(), jobs=(job(),)), 0)  # Of the next try.

    assert 0 == meter.tally.started


def test_what_is_heard_of_counts_by_itself():
    meter = Meter()
    with meter.starting(SEEN, attempt(), NOW):
        pass
    with meter.closing(SEEN, CloseAttempt(attempt(), Outcome(Verdict.FAILED)), NOW):
        pass
    with meter.recording(SEEN, LINES):
        pass
    meter.saw(observed(attempt=attempt(), jobs=(job(),), ledger=ledger(*LINES)), 0)

    assert 0 == meter.tally.started
    assert (1, 2) == (meter.tally.decided["failed"], meter.tally.decided["skipped"])


@pytest.mark.parametrize(
    ("later", "failed"),
    [
        pytest.param(closed(attempt(), Verdict.FAILED), 1, id="closed"),
        pytest.param(attempt(), 0, id="still-open"),
        pytest.param(attempt(2), 0, id="another-in-its-place"),
    ],
)
def test_an_attempt_counts_as_it_was_closed(later, failed):
    meter = Meter()
    action = CloseAttempt(attempt(), Outcome(Verdict.FAILED), job())
    lose(meter.closing(observed(attempt=attempt(), jobs=(job(),)), action, NOW))
    meter.saw(observed(attempt=later), 0)

    assert failed == meter.tally.finished["failed"]


def test_lines_count_as_far_as_they_are_in_the_ledger():
    meter = Meter()
    lose(meter.recording(SEEN, [begun(), *LINES]))
    meter.saw(observed(ledger=ledger(*LINES[:2])), 0)

    decided = meter.tally.decided
    assert (1, 1, 1) == (decided["failed"], decided["skipped"], decided["started"])

"""What counts, and what does not: commits, runs and the numbers of a status."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.decisions import Decision
from mnist_operator.plan import CloseAttempt
from mnist_operator.runs import Outcome, Verdict
from mnist_operator.status import Active, HistoryItem, Reason, Status, condition
from mnist_operator.tallies import (
    End,
    Result,
    Shown,
    Tally,
    end_of_close,
    ends_of_entries,
    read_status,
    since_commit,
)
from mnist_operator.tfjob import JobPhase
from unit.builders import (
    NOW,
    ago,
    attempt,
    closed,
    commit,
    entry,
    ident,
    job,
    observed,
    source,
    staging_id,
)

OPEN, ERRORED = CommitState.OPEN, CommitState.ERRORED


# --- commits --------------------------------------------------------------------------


def test_a_finished_commit_counts_once_however_often_it_is_seen():
    tally = Tally()
    for _ in range(3):
        tally.see([commit(1), commit(2)])

    assert 2 == tally.observed


def test_an_open_commit_counts_when_it_is_finished():
    tally = Tally()
    tally.see([commit(1), commit(2, state=OPEN)])
    before = tally.observed
    tally.see([commit(1), commit(2)])

    assert (1, 2) == (before, tally.observed)


def test_one_that_was_finished_before_its_parent_waits_for_it():
    tally = Tally()
    tally.see([commit(1, state=CommitState.FINISHING), commit(2)])
    before = tally.observed
    tally.see([commit(1), commit(2)])

    assert (0, 2) == (before, tally.observed)


def test_one_that_ended_with_an_error_is_no_data_and_holds_nobody_up():
    tally = Tally()
    tally.see([commit(1, state=ERRORED), commit(2)])

    assert 1 == tally.observed


def test_what_was_decided_out_of_turn_lets_nothing_count_again():
    tally = Tally()
    tally.see([commit(1), commit(2), commit(3)])
    tally.see([commit(1), commit(2)])
    tally.see([commit(1), commit(2), commit(4)])

    assert 4 == tally.observed


def test_commits_that_were_decided_long_ago_are_forgotten():
    tally = Tally()
    tally.see([commit(number) for number in range(1, 301)])
    tally.see([commit(300), commit(301)])

    assert 301 == tally.observed
    assert {ident(300), ident(301)} == tally._seen


def test_the_oldest_undecided_commit_waits_since_it_was_finished():
    tally = Tally()
    tally.see([])
    none = tally.waiting_since
    tally.see([commit(1, state=OPEN)])
    still_open = tally.waiting_since
    tally.see([commit(1), commit(2)])

    assert (None, None) == (none, still_open)
    assert commit(1).finished == tally.waiting_since


@pytest.mark.parametrize(
    ("seen", "seconds"),
    [
        pytest.param(observed(attempt=attempt()), 60, id="its-attempt-is-open"),
        pytest.param(observed(), 60, id="it-waits"),
        pytest.param(
            observed(inputs={ident(1): commit(state=OPEN)}), 60, id="finished-meanwhile"
        ),
        pytest.param(observed(source=source()), None, id="nobody-knows-it"),
        pytest.param(
            observed(source=source(commit(state=OPEN))), None, id="it-is-open"
        ),
    ],
)
def test_a_time_since_a_commit_needs_its_finish(seen, seconds):
    then = commit(1).finished + timedelta(seconds=60)

    assert seconds == since_commit(seen, ident(1), then)


def test_a_clock_that_is_behind_makes_no_negative_time():
    earlier = commit(1).finished - timedelta(seconds=5)

    assert 0.0 == since_commit(observed(), ident(1), earlier)


# --- runs -----------------------------------------------------------------------------

FAILED = Outcome(Verdict.FAILED, "TrainerFailed")
GIVEN_UP = Outcome(Verdict.ABANDONED, "SpecChanged")
RUNNING = job(phase=JobPhase.RUNNING)
ENDED = job(phase=JobPhase.FAILED, started=ago(90), ended=ago(60))


@pytest.mark.parametrize(
    ("outcome", "of", "end"),
    [
        pytest.param(FAILED, ENDED, End(Result.FAILED, 30.0), id="failed"),
        pytest.param(
            FAILED, RUNNING, End(Result.FAILED, 290.0), id="stopped-at-its-deadline"
        ),
        pytest.param(GIVEN_UP, RUNNING, End(Result.CANCELED, 290.0), id="given-up"),
        pytest.param(FAILED, job(), End(Result.FAILED, 299.0), id="its-pod-never-ran"),
        pytest.param(Outcome(Verdict.SUCCEEDED), ENDED, None, id="went-well"),
        pytest.param(None, ENDED, None, id="closed-by-somebody-else"),
    ],
)
def test_a_run_ends_with_its_attempt(outcome, of, end):
    action = CloseAttempt(attempt(), outcome or FAILED, of)
    seen = observed(attempt=attempt(), jobs=(of,))

    assert end == end_of_close(seen, action, outcome, NOW)


def test_a_run_whose_tfjob_was_lost_has_no_duration():
    action = CloseAttempt(attempt(), FAILED)
    seen = observed(attempt=attempt(), created=frozenset({RUNNING.name}))

    assert End(Result.FAILED, None) == end_of_close(seen, action, FAILED, NOW)


def test_what_was_given_up_before_it_had_a_tfjob_is_no_run():
    action = CloseAttempt(attempt(), GIVEN_UP)

    assert end_of_close(observed(attempt=attempt()), action, GIVEN_UP, NOW) is None


FACTS = {"startedAt": "2026-01-01T10:00:00Z", "endedAt": "2026-01-01T10:01:30Z"}
TRAINED = replace(closed(attempt()), facts=FACTS)


@pytest.mark.parametrize(
    ("line", "ends"),
    [
        pytest.param(entry(), (End(Result.PUBLISHED, 90.0),), id="published"),
        pytest.param(
            entry(decision=Decision.FAILED, reason="OutputInvalid"),
            (End(Result.FAILED, 90.0),),
            id="its-output-was-no-good",
        ),
        pytest.param(
            entry(decision=Decision.SKIPPED, run=staging_id(), reason="InputGone"),
            (End(Result.CANCELED, 90.0),),
            id="its-commit-needs-no-model",
        ),
        pytest.param(entry(decision=Decision.SKIPPED), (), id="there-was-no-run"),
        pytest.param(
            entry(decision=Decision.WARNED, run=staging_id()), (), id="it-goes-on"
        ),
    ],
)
def test_a_run_that_went_well_ends_when_its_commit_is_decided(line, ends):
    assert ends == ends_of_entries([line], [TRAINED])


def test_a_run_that_failed_does_not_end_again_with_its_commit():
    tried = closed(attempt(), Verdict.FAILED)

    assert () == ends_of_entries([entry(decision=Decision.FAILED)], [tried])
    assert () == ends_of_entries([entry(decision=Decision.FAILED)], [attempt()])
    assert () == ends_of_entries([entry(decision=Decision.FAILED)], [])


def test_a_model_that_was_found_counts_without_a_duration():
    told = entry()

    assert (End(Result.PUBLISHED, None),) == ends_of_entries([told], [])
    odd = replace(TRAINED, facts={"startedAt": "soon"})
    assert (End(Result.PUBLISHED, None),) == ends_of_entries([told], [odd])


# --- the status -----------------------------------------------------------------------


def _conditions(ready, stalled, reason):
    kinds = {"Ready": ready, "Stalled": stalled}
    return [
        condition(kind, held, reason, "", generation=1, previous=(), now=NOW)
        for kind, held in kinds.items()
    ]


def test_a_status_is_read_as_numbers():
    active = Active(
        commit="c", attempt=1, tfjob="j", run="r", state="Running", since="now"
    )
    status = Status(
        conditions=_conditions("True", "False", Reason.UP_TO_DATE),
        last_accuracy="0.9871",
        last_successful_time="2026-01-01T00:00:00Z",
        pending_commits=3,
        active=[active],
    )

    assert Shown(3, 1, True, "", 0.9871, 1767225600.0) == read_status(status)


def test_a_status_says_why_nothing_goes_on():
    status = Status(conditions=_conditions("False", "True", Reason.INVALID_SPEC))

    assert Shown(stalled="InvalidSpec") == read_status(status)


def _item(decision, reason=""):
    return HistoryItem(commit="c", decision=decision, reason=reason, time="now")


PASSED_OVER = _item("Skipped", "ContentUnchanged")
BAD = _item("Failed", "InvalidData")


@pytest.mark.parametrize(
    ("history", "reason"),
    [
        pytest.param([], "", id="nothing-was-decided"),
        pytest.param([BAD], "InvalidData", id="the-newest-run-failed"),
        pytest.param([PASSED_OVER, BAD], "InvalidData", id="a-skip-is-no-run"),
        pytest.param([PASSED_OVER], "", id="no-run"),
        pytest.param([_item("Published"), BAD], "", id="a-newer-one-went-well"),
        pytest.param([_item("Failed", "a1b2")], "Other", id="a-word-made-up"),
        pytest.param([_item("Failed")], "Other", id="no-word-at-all"),
    ],
)
def test_a_status_says_why_the_newest_run_failed(history, reason):
    assert Shown(failure=reason) == read_status(Status(history=history))


@pytest.mark.parametrize("said", ["", "high", "nan", "1.5", "-0.1"])
def test_an_accuracy_that_is_none_has_no_series(said):
    assert Shown() == read_status(Status(last_accuracy=said))

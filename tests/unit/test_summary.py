"""The status after a look, and after a look that failed."""

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.decisions import Decision
from mnist_operator.plan import Story
from mnist_operator.runs import Verdict
from mnist_operator.status import Reason, Status
from mnist_operator.summary import created_jobs, summarize, tell_trouble
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
    ledger,
    observed,
    source,
    training,
)

_STORY = Story(Reason.TRAINING, "Training.", ready="Unknown", reconciling=True)


def summary(story=_STORY, **fields):
    return summarize(observed(**fields), story, now=NOW)


def conditions(status):
    return {each.type: each.status for each in status.conditions}


def test_a_training_without_data_shows_no_commits():
    status = summary(source=source())

    assert ("", "", "", "", "") == (
        status.head,
        status.last_attempted_commit,
        status.last_trained_commit,
        status.last_model_commit,
        status.last_accuracy,
    )
    assert status.last_successful_time is None
    assert (0, [], [], []) == (
        status.pending_commits,
        status.queue,
        status.active,
        status.history,
    )


def test_the_newest_model_is_shown_with_the_commit_that_made_it():
    book = ledger(entry(1), entry(2, Decision.FAILED))

    status = summary(ledger=book, source=source(head=commit(2)))

    assert ident(2) == status.head
    assert ident(2) == status.last_attempted_commit
    assert ident(1) == status.last_trained_commit
    assert ident(0xF001) == status.last_model_commit
    assert "0.9700" == status.last_accuracy
    assert "2026-01-01T12:00:00Z" == status.last_successful_time


def test_an_attempt_under_way_is_the_last_one():
    status = summary(attempt=attempt(commit_number=2), ledger=ledger(entry(1)))

    assert ident(2) == status.last_attempted_commit


def test_a_commit_that_was_skipped_was_not_attempted():
    """Also where its run was prepared while it was still open."""
    prepared = closed(attempt(commit_number=2), Verdict.ABANDONED)
    skipped = entry(2, Decision.SKIPPED)

    status = summary(attempt=prepared, ledger=ledger(entry(1), skipped))

    assert ident(1) == status.last_attempted_commit


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        pytest.param(
            Story(Reason.UP_TO_DATE, "", ready="True"),
            {"Ready": "True", "Reconciling": "False", "Stalled": "False"},
            id="all-is-done",
        ),
        pytest.param(
            _STORY,
            {"Ready": "Unknown", "Reconciling": "True", "Stalled": "False"},
            id="at-work",
        ),
        pytest.param(
            Story(Reason.INVALID_SPEC, "", ready="False", stalled=True),
            {"Ready": "False", "Reconciling": "False", "Stalled": "True"},
            id="somebody-must-act",
        ),
    ],
)
def test_conditions_follow_the_story(story, expected):
    status = summary(story)

    assert expected == conditions(status)
    assert {story.reason.value} == {each.reason for each in status.conditions}


def test_conditions_speak_of_the_generation_that_was_looked_at():
    status = summary(training=training(generation=7))

    assert 7 == status.observed_generation
    assert {7} == {each.observed_generation for each in status.conditions}


def test_a_condition_that_stays_keeps_its_time_through_the_next_look():
    first = summarize(observed(), _STORY, now=ago(60))
    again = training(status=first.to_json())

    second = summary(training=again)
    third = summary(Story(Reason.UP_TO_DATE, "", ready="True"), training=again)

    assert {"2026-01-01T11:59:00Z"} == {
        each.last_transition_time for each in second.conditions
    }
    assert {
        "Ready": "2026-01-01T12:00:00Z",
        "Reconciling": "2026-01-01T12:00:00Z",
        "Stalled": "2026-01-01T11:59:00Z",
    } == {each.type: each.last_transition_time for each in third.conditions}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (CommitState.FINISHED, "Waiting"),
        (CommitState.OPEN, "Open"),
        (CommitState.FINISHING, "Finishing"),
        (CommitState.ERRORED, "Errored"),
    ],
)
def test_a_commit_in_the_queue_tells_what_it_waits_for(state, expected):
    [queued] = summary(source=source(commit(1, state=state))).queue

    assert (ident(1), expected) == (queued.commit, queued.state)


def test_a_long_queue_is_counted_but_only_its_first_ten_are_shown():
    waiting = tuple(commit(n) for n in range(1, 16))

    status = summary(source=source(*waiting, waiting=waiting))

    assert 15 == status.pending_commits
    assert [each.id for each in waiting[:10]] == [each.commit for each in status.queue]


_open, _over = attempt(), closed(attempt(), exit_code=0)
_active = pytest.mark.parametrize(
    ("fields", "state", "named"),
    [
        pytest.param({"attempt": _open}, "Opened", False, id="no-tfjob-yet"),
        pytest.param(
            {"attempt": _open, "jobs": [job()]}, "Created", True, id="a-tfjob-exists"
        ),
        pytest.param(
            {"attempt": _open, "jobs": [job(phase=JobPhase.RUNNING)]},
            "Running",
            True,
            id="it-runs",
        ),
        pytest.param(
            {"attempt": _open, "created": frozenset({job().name})},
            "Opened",
            True,
            id="its-tfjob-was-lost",
        ),
        pytest.param({"attempt": _over}, "Publishing", False, id="its-model-comes"),
        pytest.param(
            {"attempt": closed(_open, Verdict.FAILED, retryable=True)},
            "Retrying",
            False,
            id="another-attempt-will-be-made",
        ),
        pytest.param(
            {"attempt": closed(_open, Verdict.FAILED)},
            "Failed",
            False,
            id="its-failure-is-to-be-recorded",
        ),
    ],
)


@_active
def test_the_attempt_under_way_is_shown_with_what_it_does(fields, state, named):
    [active] = summary(**fields).active

    assert state == active.state
    assert (job().name if named else "") == active.tfjob
    assert (ident(1), 1, _open.staging) == (active.commit, active.attempt, active.run)
    assert "2026-01-01T11:55:00Z" == active.since


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="no-attempt"),
        pytest.param({"attempt": _over, "ledger": ledger(entry(1))}, id="published"),
        pytest.param({"attempt": closed(_open, Verdict.ABANDONED)}, id="given-up"),
    ],
)
def test_nothing_is_active_when_nothing_is_under_way(fields):
    assert [] == summary(**fields).active


def test_history_is_the_last_ten_decisions_newest_first():
    status = summary(ledger=ledger(*(entry(n) for n in range(1, 15))))

    assert [ident(n) for n in range(14, 4, -1)] == [x.commit for x in status.history]


def test_a_published_commit_is_shown_with_its_model():
    [item] = summary(ledger=ledger(entry(1))).history

    assert ("Published", ident(0xF001), "0.9700", 1) == (
        item.decision,
        item.model_commit,
        item.accuracy,
        item.attempt,
    )
    assert entry(1).tfjob == item.tfjob


def test_a_failed_commit_is_shown_with_its_reason_and_no_model():
    failed = entry(
        1, Decision.FAILED, reason="TrainerFailed", message="why", output=ident(2)
    )

    [item] = summary(ledger=ledger(failed)).history

    assert ("Failed", "TrainerFailed", "why", "") == (
        item.decision,
        item.reason,
        item.message,
        item.model_commit,
    )


def test_long_texts_are_cut_so_that_the_api_server_takes_them():
    long = entry(1, Decision.FAILED, reason="r" * 5000, message="m" * 50_000)
    story = Story(Reason.TRAINING_FAILED, "s" * 50_000)

    status = summary(story, ledger=ledger(long))

    assert status == Status.model_validate(status.to_json())
    assert len(status.history[0].message) <= 1024
    assert 1024 == len(status.conditions[0].message)


_TROUBLE = Story(Reason.SOURCE_UNREACHABLE, "away", ready="False", reconciling=True)


def test_a_look_that_failed_keeps_what_was_known():
    before = summarize(observed(ledger=ledger(entry(1))), _STORY, now=ago(60))
    of = training(generation=2, status=before.to_json())

    after = tell_trouble(of, _TROUBLE, now=NOW)

    kept = {"observed_generation", "conditions"}
    assert before.model_dump(exclude=kept) == after.model_dump(exclude=kept)
    assert 2 == after.observed_generation
    assert {"Ready": "False", "Reconciling": "True", "Stalled": "False"} == (
        conditions(after)
    )


def test_a_first_look_that_failed_has_conditions_and_nothing_else():
    status = tell_trouble(training(), _TROUBLE, now=NOW)

    assert Status(observed_generation=1, conditions=status.conditions) == status
    assert "away" == status.conditions[0].message


def test_tfjobs_of_an_earlier_status_are_remembered():
    shown = summary(attempt=_open, jobs=[job()]).to_json()["active"]

    assert {job().name} == created_jobs(shown)


@pytest.mark.parametrize(
    "active", [[], [{"tfjob": ""}], [{}]], ids=["none", "unnamed", "of-another-version"]
)
def test_a_tfjob_that_was_not_named_was_not_created(active):
    assert frozenset() == created_jobs(active)

"""What a plan says of runs: under way, ended, to be tried again, asked for."""

from mnist_operator.cli.plan.rows import make_rows
from mnist_operator.plan import Request
from mnist_operator.runs import Verdict
from mnist_operator.tfjob import JobPhase
from unit.builders import (
    ago,
    attempt,
    begun,
    closed,
    commit,
    ident,
    job,
    ledger,
    training,
)
from unit.mnistctl_plans import follow, rows, waits


def test_a_run_that_a_newer_commit_replaces_is_stopped():
    of = training(concurrencyPolicy="Replace")
    running = attempt()

    found = rows(
        waits(
            commit(1),
            commit(2),
            training=of,
            attempt=running,
            jobs=[job(running, phase=JobPhase.RUNNING)],
        )
    )

    assert [(1, "Skip", "now", "Superseded"), (2, "Train", "now", "")] == found


def test_a_run_that_ended_well_is_published():
    ended = closed(attempt())

    assert [(1, "Publish", "now", "")] == rows(waits(commit(1), attempt=ended))


def test_a_failed_run_is_tried_again_when_its_time_has_come():
    failed = closed(
        attempt(), Verdict.FAILED, at=ago(1), reason="PodLost", retryable=True
    )

    [row] = make_rows(follow(waits(commit(1), attempt=failed)))

    assert ("Train", "Retrying") == (row.decision, row.reason)
    assert row.when.startswith("at 2026-01-01T12:00:")
    assert "Attempt 1 of 3" in row.message


def test_a_failed_run_of_a_suspended_training_waits():
    failed = closed(attempt(), Verdict.FAILED, reason="PodLost", retryable=True)
    seen = waits(commit(1), attempt=failed, training=training(suspend=True))

    assert [(1, "Wait", "", "PodLost")] == rows(seen)


def test_a_failed_run_is_not_tried_again_where_a_requested_one_decides_its_commit():
    failed = closed(attempt(), Verdict.FAILED, reason="PodLost", retryable=True)
    request = Request("noon", "", commit(1))
    of = training(concurrencyPolicy="Allow", attempts={"backoffSeconds": 3600})

    found = rows(waits(commit(1), attempt=failed, request=request, training=of))

    assert [(1, "Train", "now", "Requested")] * 2 == found


def test_what_failed_for_good_is_recorded_and_the_next_one_has_its_turn():
    failed = closed(attempt(), Verdict.FAILED, reason="DataInvalid")

    assert [
        (1, "Fail", "now", "DataInvalid"),
        (2, "Train", "now", ""),
    ] == rows(waits(commit(1), commit(2), attempt=failed))


def test_a_requested_run_comes_first():
    request = Request("noon", ident(7), commit(7))
    seen = waits(commit(1), ledger=ledger(start=begun()), request=request)

    assert [
        (7, "Train", "now", "Requested"),
        (1, "Train", "after 7", ""),
    ] == rows(seen)


def test_a_requested_run_decides_its_commit_as_well():
    seen = waits(commit(1), request=Request("noon", "", commit(1)))

    assert [
        (1, "Train", "now", "Requested"),
        (1, "Train", "now", "Requested"),
    ] == rows(seen)


def test_a_request_that_cannot_be_is_refused():
    seen = waits(request=Request("noon", ident(7)))

    assert [(7, "Skip", "now", "RequestRefused")] == rows(seen)

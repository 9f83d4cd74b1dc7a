"""Status and conditions: what keeps, what changes, and how it is written."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from mnist_operator.status import SEAL, Reason, Status, condition, timestamp
from unit.builders import NOW, ago


def a_condition(status="True", message="", previous=(), reason=Reason.UP_TO_DATE):
    return condition(
        "Ready", status, reason, message, generation=3, previous=previous, now=NOW
    )


def was(status, kind="Ready"):
    return {
        "type": kind,
        "status": status,
        "reason": "Training",
        "message": "before",
        "observedGeneration": 2,
        "lastTransitionTime": "2025-12-31T00:00:00Z",
    }


@pytest.mark.parametrize(
    ("previous", "expected"),
    [
        pytest.param([], timestamp(NOW), id="the-first-one-begins-now"),
        pytest.param(
            [was("True")], "2025-12-31T00:00:00Z", id="the-same-status-keeps-its-time"
        ),
        pytest.param(
            [was("False")], timestamp(NOW), id="another-status-begins-a-new-time"
        ),
        pytest.param(
            [was("True", "Stalled")],
            timestamp(NOW),
            id="a-condition-of-another-type-says-nothing",
        ),
        pytest.param(
            [was("False", "Stalled"), was("True")],
            "2025-12-31T00:00:00Z",
            id="it-is-found-among-others",
        ),
    ],
)
def test_a_condition_tells_since_when_its_status_holds(previous, expected):
    assert expected == a_condition(previous=previous).last_transition_time


def test_reason_message_and_generation_are_always_the_newest():
    new = a_condition(message="now", previous=[was("True")])

    assert ("UpToDate", "now", 3) == (new.reason, new.message, new.observed_generation)


def test_a_log_in_place_of_a_message_is_cut():
    assert "x" * 1024 == a_condition(message="x" * 100_000).message


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        pytest.param(
            datetime(2026, 1, 1, 12, tzinfo=UTC), "2026-01-01T12:00:00Z", id="utc"
        ),
        pytest.param(
            datetime(2026, 1, 1, 12, 0, 0, 999_999, tzinfo=UTC),
            "2026-01-01T12:00:00Z",
            id="parts-of-a-second-are-dropped",
        ),
        pytest.param(
            datetime(2026, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=2))),
            "2025-12-31T23:30:00Z",
            id="another-zone-is-converted",
        ),
    ],
)
def test_times_are_written_as_kubernetes_writes_them(moment, expected):
    assert expected == timestamp(moment)


def test_everything_that_was_set_before_is_named_so_that_a_merge_patch_clears_it():
    written = Status().to_json()

    # The seal is of all the rest, and written beside it.
    names = {field.alias or name for name, field in Status.model_fields.items()}
    assert names - {SEAL} == set(written)
    assert written["lastSuccessfulTime"] is None
    assert [] == written["active"]


def test_status_comes_back_from_the_api_server_as_it_was_written():
    status = Status(
        conditions=[a_condition()],
        head="c1",
        pending_commits=2,
        last_successful_time=timestamp(ago(60)),
    )

    assert status == Status.model_validate(status.to_json())


def test_fields_of_another_version_do_not_matter():
    assert Status() == Status.model_validate({"phase": "Running"})


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_one_word_in_camel_case(reason):
    assert reason.value.isalnum()
    assert reason.value[0].isupper()

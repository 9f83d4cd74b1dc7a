"""A trainer's and a server's words on their way into records, statuses and Events.

Whatever they are, the attempt can be closed, its end is read back as it was, a line of
the ledger is one line, and the API server takes the status and the Event.
"""

import json
from datetime import timedelta

import grpc
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator import announce, attempts, runs
from mnist_operator.announce import Announcement
from mnist_operator.clock import ServerClock
from mnist_operator.decisions import failure_of, read_line
from mnist_operator.errors import OperatorError
from mnist_operator.foreign import moment, plain, word
from mnist_operator.ledger import Ledger
from mnist_operator.pachyderm.failures import classify
from mnist_operator.plan import Story
from mnist_operator.status import Reason
from mnist_operator.summary import summarize, tell_trouble
from mnist_operator.tfjob import JobPhase
from unit.builders import (
    NOW,
    RUNS,
    attempt,
    begun,
    commit,
    job,
    observed,
    training,
)
from unit.hostile import (
    DEEP,
    JUNK,
    NASTY,
    fuzzed,
    is_shown_as_it_is,
    jsons,
    status_schema,
    texts,
    values,
)

_SCHEMA = status_schema()
_LARGEST_STATUS = 256 * 1024
"""Bytes; etcd takes 1.5 MB, together with the spec."""
_words = jsons(["reason", "message"])


def _failed(last_words, message=""):
    ended = job(
        phase=JobPhase.FAILED, exit_code=1, last_words=last_words, message=message
    )
    return attempts.read_failure(ended, ())


@pytest.mark.parametrize("words", [*JUNK, *NASTY], ids=range(len(JUNK) + len(NASTY)))
def test_last_words_that_are_none_leave_a_failure_with_a_reason(words):
    outcome = _failed(words)

    assert "TrainerFailed" == outcome.reason
    assert outcome.message.startswith("Exit code 1.")


def test_a_reason_that_is_no_word_is_a_part_of_the_message():
    words = json.dumps({"reason": "\x1b[31mno word", "message": "told"})

    assert ("TrainerFailed", "Exit code 1. \x1b[31mno word: told") == (
        (outcome := _failed(words)).reason,
        outcome.message,
    )


@fuzzed
@given(_words, texts)
def test_whatever_a_trainer_says_its_end_is_recorded_once_and_read_back(words, said):
    outcome = _failed(words, said)
    closing = runs.describe_outcome(attempt(), outcome, {"pod": word(said)})
    read = runs.read_attempt(commit(9, repo=RUNS, description=closing))
    entry = failure_of(read, read.outcome.reason, read.outcome.message, now=NOW)
    line = entry.to_line()

    assert outcome.to_json() == read.outcome.to_json()
    assert 1 == line.count(b"\n")
    assert line == read_line(line).to_line()
    assert all(map(is_shown_as_it_is, [read.outcome.reason, read.outcome.message]))


@fuzzed
@given(_words, texts)
def test_whatever_a_trainer_says_the_api_server_takes_status_and_event(words, said):
    outcome = _failed(words, said)
    entry = failure_of(attempt(), outcome.reason, outcome.message, now=NOW)
    ledger = Ledger.parse(b"".join(each.to_line() for each in [begun(), entry]))
    story = Story(Reason.TRAINING_FAILED, f"{outcome.message} {said}")
    shown = summarize(observed(ledger=ledger), story, now=NOW).to_json()
    [told] = announce.tell_entries([entry])
    event = announce.build_event(training(), told, now=NOW)

    _is_accepted(shown)
    assert len(event["message"].encode()) <= 1000
    assert is_shown_as_it_is(event["message"])


def _is_accepted(status):
    """As the API server judges it: null removes a field before that."""
    said = {key: value for key, value in status.items() if value is not None}
    jsonschema.validate(said, _SCHEMA)
    assert len(json.dumps(said).encode()) < _LARGEST_STATUS
    for each in said["conditions"]:
        assert is_shown_as_it_is(each["message"])


@fuzzed
@given(jsons(["conditions", "active", "history", "queue", "head", "lastAccuracy"]))
def test_a_status_that_somebody_wrote_does_not_keep_trouble_from_being_told(text):
    try:
        before = json.loads(text)
    except (ValueError, RecursionError):
        before = {}
    before = before if isinstance(before, dict) else {}
    of = training(status=before)
    story = Story(Reason.SOURCE_UNREACHABLE, "away")

    shown = tell_trouble(of, story, now=NOW)

    told = {each.type: each.message for each in shown.conditions}
    assert "away" == told["Ready"]


def test_an_event_is_cut_by_bytes_and_between_characters():
    told = Announcement(Reason.COMMIT_SKIPPED, "💥" * 2000, "key")

    assert "💥" * 250 == announce.build_event(training(), told, now=NOW)["message"]


def test_what_a_trainer_calls_superseded_is_a_failure_all_the_same():
    entry = failure_of(attempt(), "Superseded", "", now=NOW)

    assert [True] == [each.warning for each in announce.tell_entries([entry])]


@fuzzed
@given(st.sampled_from(sorted(grpc.StatusCode, key=lambda code: code.name)), texts)
def test_every_refusal_of_pachd_becomes_an_error_of_ours_in_short_words(code, text):
    error = classify("InspectBranch", code, text)

    assert isinstance(error, OperatorError)
    assert is_shown_as_it_is(str(error))
    assert len(str(error)) < 1000


@pytest.mark.parametrize(
    "date",
    [
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Mon, 01 Jan 1601 00:00:00 GMT",
        "yesterday",
        "\x00",
    ],
)
def test_a_date_that_cannot_be_true_sets_no_clock(date):
    clock = ServerClock(lambda: NOW)
    clock.hear(date)

    assert NOW + timedelta(hours=1) == clock.now() + timedelta(hours=1)


@fuzzed
@given(values)
def test_a_time_is_read_as_one_that_leaves_room_for_others_or_not_at_all(value):
    assert moment(value) is None or 1900 <= moment(value).year < 3000


@pytest.mark.parametrize(
    "text",
    [
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+05:00",
        "2016-12-31T23:59:60Z",
        "9999-12-31T23:59:59-12:00",
        "",
    ],
)
def test_a_time_that_cannot_be_true_is_none(text):
    assert moment(text) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("\x1b[31mred", "\ufffd[31mred", id="an-escape"),
        pytest.param("one\r\ntwo\tthree", "one \ntwo three", id="lines-stay"),
        pytest.param("\u202eabc", "\ufffdabc", id="right-to-left"),
        pytest.param("\ud800", "\ufffd", id="half-a-pair"),
        pytest.param("größe 💥", "größe 💥", id="what-can-be-shown"),
    ],
)
def test_what_could_harm_a_reader_is_replaced(text, shown):
    assert shown == plain(text, 100)


def test_what_nests_without_end_is_read_as_nothing():
    assert Ledger() == Ledger.parse(DEEP.encode())

"""Events: one for each thing that happens, by a name made of what it tells."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.announce import (
    Announcement,
    build_event,
    tell_entries,
    tell_run,
    tell_story,
)
from mnist_operator.decisions import SUPERSEDED, Decision, retrain_request
from mnist_operator.plan import Story
from mnist_operator.status import Reason
from unit.builders import NOW, ago, attempt, begun, entry, examples, ident, training

_SUBDOMAIN = re.compile(
    r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
)

_announcements = st.builds(
    Announcement,
    st.sampled_from(Reason),
    st.text(max_size=30),
    st.sampled_from(["c1", "c2", "c1/2", "ü"]),
    warning=st.booleans(),
)


def name_of(announcement, now=NOW, **of):
    return build_event(training(**of), announcement, now=now)["metadata"]["name"]


@pytest.mark.parametrize(
    ("line", "reason", "message", "warning"),
    [
        pytest.param(
            entry(1),
            Reason.MODEL_PUBLISHED,
            f"Input commit {ident(1)} made model {ident(0xF001)}, accuracy 0.9700.",
            False,
            id="a-model",
        ),
        pytest.param(
            entry(1, accuracy=""),
            Reason.MODEL_PUBLISHED,
            f"Input commit {ident(1)} made model {ident(0xF001)}.",
            False,
            id="a-model-without-an-accuracy",
        ),
        pytest.param(
            entry(1, Decision.FAILED, reason="TrainerFailed", message="bad data"),
            Reason.TRAINING_FAILED,
            f"Input commit {ident(1)}: TrainerFailed: bad data",
            True,
            id="a-failure",
        ),
        pytest.param(
            entry(1, Decision.SKIPPED, reason="CommitErrored", message="given up"),
            Reason.COMMIT_SKIPPED,
            f"Input commit {ident(1)}: CommitErrored: given up",
            True,
            id="a-skip",
        ),
    ],
)
def test_a_decision_is_told_with_the_commit_that_it_is_about(
    line, reason, message, warning
):
    [told] = tell_entries([line])

    assert (reason, message, warning) == (told.reason, told.message, told.warning)


def test_the_starting_point_is_not_news():
    assert not tell_entries([begun()])


def skipped(number, reason=SUPERSEDED, **fields):
    return entry(number, Decision.SKIPPED, reason=reason, message="Why.", **fields)


@pytest.mark.parametrize(
    ("reason", "warning"),
    [
        (SUPERSEDED, False),
        ("ContentUnchanged", False),
        ("PathsUnchanged", False),
        ("InputBlank", False),
        ("Expired", True),
        ("InputErrored", True),
        ("InputGone", True),
        ("RequestRefused", True),
    ],
)
def test_a_policy_at_work_is_no_warning(reason, warning):
    [told] = tell_entries([skipped(1, reason)])

    assert warning is told.warning


def test_a_request_that_is_about_no_commit_is_told_as_well():
    [told] = tell_entries([skipped("", "RequestRefused", request="now")])

    assert ("RequestRefused: Why.", "now") == (told.message, told.key)


class TestSupersededTogether:
    def test_one_is_told_as_it_is(self):
        [told] = tell_entries([skipped(1)])

        assert f"Input commit {ident(1)}: Superseded: Why." == told.message

    def test_many_are_one_event(self):
        [told] = tell_entries([skipped(1), skipped(2), skipped(3)])

        assert Reason.COMMIT_SKIPPED is told.reason
        assert (
            f"3 input commits, {ident(1)} to {ident(3)}: Superseded: Why."
            == told.message
        )
        assert not told.warning

    def test_others_beside_them_are_told_as_well(self):
        told = tell_entries([skipped(1), skipped(2), skipped(3, "Expired")])

        assert [f"Input commit {ident(3)}: Expired: Why.", told[1].message] == [
            each.message for each in told
        ]
        assert told[1].message.startswith("2 input commits")

    def test_those_of_another_time_are_another_event(self):
        [first] = tell_entries([skipped(1), skipped(2)])
        [second] = tell_entries([skipped(3), skipped(4)])

        assert name_of(first) != name_of(second)


def test_a_run_by_hand_has_an_event_of_its_own_beside_its_commits():
    [in_turn] = tell_entries([entry(1)])
    [by_hand] = tell_entries([entry(1, request="now")])

    assert name_of(in_turn) != name_of(by_hand)


@examples
@given(_announcements)
def test_an_event_has_a_legal_name_however_it_is_made(announcement):
    name = name_of(announcement)

    assert _SUBDOMAIN.fullmatch(name)
    assert len(name) <= 253


@examples
@given(_announcements, _announcements)
def test_two_events_share_a_name_only_when_they_tell_the_same(one, other):
    same = (one.reason, one.key) == (other.reason, other.key)

    assert same is (name_of(one) == name_of(other))


def test_looking_again_later_is_no_new_event():
    [told] = tell_entries([entry(1)])

    assert name_of(told, now=ago(9000)) == name_of(told)


def test_a_training_that_was_made_again_has_events_of_its_own():
    [told] = tell_entries([entry(1)])

    assert name_of(told) != name_of(told, uid="uid-2")


def test_an_event_is_about_the_training_and_lies_beside_it():
    event = build_event(training(), *tell_entries([entry(1)]), now=NOW)

    about = event["involvedObject"]
    assert ("MnistTraining", "team", "mnist", "uid-1") == (
        about["kind"],
        about["namespace"],
        about["name"],
        about["uid"],
    )
    assert "team" == event["metadata"]["namespace"]
    assert ("ModelPublished", "Normal", 1) == (
        event["reason"],
        event["type"],
        event["count"],
    )
    assert "2026-01-01T12:00:00Z" == event["firstTimestamp"] == event["lastTimestamp"]


def test_a_failure_is_a_warning():
    [told] = tell_entries([entry(1, Decision.FAILED)])

    assert "Warning" == build_event(training(), told, now=NOW)["type"]


def test_a_long_message_is_cut_to_what_the_api_server_takes():
    told = Announcement(Reason.ATTEMPT_FAILED, "x" * 5000, "c1")

    assert len(build_event(training(), told, now=NOW)["message"]) <= 1024


AGAIN = (
    " (not trained again by itself; once the cause is mended:"
    f" mnistctl retrain team/mnist --commit {ident(1)})"
)


@pytest.mark.parametrize(
    ("line", "end"),
    [
        pytest.param(
            entry(1, Decision.FAILED, message="é" * 500), f"é{AGAIN}", id="a-long-cause"
        ),
        pytest.param(
            entry(1, Decision.FAILED, message="No."), f"No.{AGAIN}", id="a-failure"
        ),
        pytest.param(
            entry(1, Decision.FAILED, reason="InputGone", message="It is gone."),
            "It is gone.",
            id="nothing-trains-what-is-gone",
        ),
        pytest.param(skipped(1), "Why.", id="a-skip-has-no-cause-to-mend"),
    ],
)
def test_a_failure_ends_with_what_trains_its_commit_again(line, end):
    [told] = tell_entries([line])

    message = build_event(training(), told, now=NOW)["message"]

    assert message.endswith(end)
    assert len(message.encode()) <= 1000


def test_a_commit_that_was_left_open_is_told_in_the_conditions_own_words():
    story = Story(Reason.WAITING_FOR_COMMIT, "Open.", event=Reason.COMMIT_LEFT_OPEN)

    told = tell_story(story)

    assert (Reason.COMMIT_LEFT_OPEN, "Open.", True) == (
        told.reason,
        told.message,
        told.warning,
    )


def test_most_of_what_the_conditions_say_is_no_event():
    assert tell_story(Story(Reason.TRAINING, "It trains.")) is None


@pytest.mark.parametrize(
    ("request_", "ending"),
    [
        pytest.param("", "attempt 2.", id="in its turn"),
        pytest.param("noon", "attempt 2, as requested at noon.", id="by hand"),
        pytest.param(
            retrain_request(ident(1), "d" * 64),
            "attempt 2, since the trainer has changed.",
            id="for a changed spec",
        ),
    ],
)
def test_a_run_is_told_with_what_asked_for_it(request_, ending):
    told = tell_run(attempt(2, request=request_), "mnist-1")

    start = f"TFJob mnist-1 trains on input commit {ident(1)}, "
    assert (Reason.RUN_STARTED, start + ending) == (told.reason, told.message)
    assert (attempt(2).staging, False) == (told.key, told.warning)

"""Requests and policies in the ledger: what counts as answered, tried, newest.

Input: lines. Output: what they fold to, as far as it is about more than one commit's
turn. How lines are read is in test_ledger, failures in a row are in test_streaks.
"""

from dataclasses import replace

import pytest

from mnist_operator.decisions import (
    SUPERSEDED,
    Decision,
    Entry,
    failure_of,
    is_own_request,
    retrain_request,
    skip_of,
)
from mnist_operator.ledger import Bound, Ledger
from unit.builders import (
    NOW,
    attempt,
    begun,
    commit,
    entry,
    ident,
    ledger,
    spec_digest,
    training,
)

_FAILED, _SKIPPED = Decision.FAILED, Decision.SKIPPED
_OWN = retrain_request(ident(1), spec_digest())


def by_hand(number, decision=Decision.PUBLISHED, request="now", **fields):
    """A line about a run that was requested."""
    run = {} if decision is _SKIPPED else {"run": ident(0xB000 + number)}
    return entry(number, decision, request=request, **(run | fields))


def refused(request="now"):
    return entry(7, _SKIPPED, reason="RequestRefused", request=request)


class TestRequest:
    @pytest.mark.parametrize(
        ("line", "decided"),
        [
            pytest.param(by_hand(7), True, id="it made a model"),
            pytest.param(by_hand(7, _FAILED), True, id="it failed"),
            pytest.param(refused(), False, id="it was refused"),
        ],
    )
    def test_is_answered_once_whatever_came_of_it(self, line, decided):
        book = ledger(line)

        assert {"now"} == book.requests
        assert decided is (ident(7) in book.decided)

    def test_settles_nothing_below_its_commit(self):
        """An old commit's run by hand must not hide what waits between."""
        book = ledger(by_hand(7))

        assert frozenset() == book.settled
        assert Bound.LOOK_FURTHER is book.bound(commit(7), is_head=False)

    def test_that_was_refused_leaves_its_commit_to_the_queue(self):
        assert Bound.TAKE is ledger(refused()).bound(commit(7), is_head=False)

    def test_that_was_refused_twice_counts_once(self):
        """Two operators may have refused it at the same time."""
        book = ledger(refused(), refused())

        assert (refused(),) == book.recent

    def test_that_was_refused_again_under_another_name_counts_again(self):
        assert 2 == len(ledger(refused(), refused("later")).recent)

    def test_is_found_again_in_what_was_written(self):
        line = by_hand(7)

        assert ledger(line) == Ledger.parse(begun().to_line() + line.to_line())


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([], "", id="nobody asked"),
        pytest.param([entry(1)], "", id="a commit's turn is no request"),
        pytest.param([by_hand(7)], "now", id="a model"),
        pytest.param([refused()], "now", id="refused is answered too"),
        pytest.param([by_hand(7), by_hand(8, request="later")], "later", id="the last"),
        pytest.param([by_hand(7), entry(8)], "now", id="a commit's turn after it"),
        pytest.param(
            [by_hand(7), by_hand(1, request=_OWN)],
            "now",
            id="the operator's own are none of those",
        ),
    ],
)
def test_the_last_request_by_hand_is_remembered(lines, expected):
    assert expected == ledger(*lines).last_request


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([], None, id="nothing ran"),
        pytest.param([entry(1), entry(2)], entry(2), id="the last model"),
        pytest.param(
            [entry(1), entry(2, _FAILED)], entry(2, _FAILED), id="a failure as well"
        ),
        pytest.param([entry(1), entry(2, _SKIPPED)], entry(1), id="a skip is no run"),
        pytest.param(
            [entry(2), by_hand(1)],
            entry(2),
            id="a run by hand, of an old commit, is not what a new spec is for",
        ),
        pytest.param(
            [entry(2), by_hand(2, request=_OWN)],
            by_hand(2, request=_OWN),
            id="a retraining is",
        ),
    ],
)
def test_the_newest_run_is_the_one_that_a_changed_spec_trains_again(lines, expected):
    assert expected == ledger(*lines).newest


def test_the_newest_model_is_the_newest_whoever_asked_for_it():
    assert by_hand(1) == ledger(entry(2), by_hand(1)).published


def test_it_is_known_which_trainer_tried_which_commit():
    book = ledger(entry(1), entry(2, _FAILED, spec="other"), entry(3, _SKIPPED))

    assert {(ident(1), spec_digest()), (ident(2), "other")} == book.tried


def superseded(number, **fields):
    return entry(number, _SKIPPED, reason=SUPERSEDED, **fields)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([], 0, id="none"),
        pytest.param([superseded(1), superseded(2)], 2, id="two"),
        pytest.param(
            [superseded(1), entry(2, _SKIPPED, reason="Expired")],
            1,
            id="one that expired was not superseded",
        ),
        pytest.param([superseded(1), entry(2)], 0, id="a model begins anew"),
        pytest.param([superseded(1), entry(2, _FAILED)], 0, id="so does a failure"),
        pytest.param(
            [entry(1), superseded(2), superseded(2)],
            1,
            id="one that two operators wrote down counts once",
        ),
        pytest.param(
            [superseded(1, run="r1"), superseded(1, run="r1")],
            1,
            id="one whose run was stopped, too",
        ),
    ],
)
def test_commits_that_were_superseded_are_counted_until_a_run_ends(lines, expected):
    assert expected == ledger(*lines).superseded


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(entry(1), superseded(1), id="superseded after its model"),
        pytest.param(
            superseded(1),
            entry(1, _SKIPPED, reason="Expired"),
            id="two reasons to skip",
        ),
    ],
)
def test_a_commit_that_is_decided_is_not_skipped_by_a_late_operator(first, second):
    assert ledger(first) == ledger(first, second)


class TestStart:
    def test_belongs_to_the_branch_that_was_followed(self):
        here = begun(source="default/inputrepo@master")
        there = begun(source="default/renamed@master")

        book = Ledger().extended([here, entry(1), there])

        assert there.start == book.start
        assert frozenset() == book.settled

    @pytest.mark.parametrize(
        "again",
        [
            pytest.param(begun(number=2, source="a/b@c"), id="the same again"),
            pytest.param(
                replace(begun(number=2), time=NOW),
                id="earlier versions knew no branch",
            ),
        ],
    )
    def test_that_two_operators_chose_is_the_first_one(self, again):
        first = replace(
            begun(), start=replace(begun().start, source=again.start.source)
        )

        assert first.start == Ledger().extended([first, again]).start


def test_a_line_about_a_run_says_what_ran_for_which_spec_and_request():
    of = attempt(2, generation=7, request="now")

    failed = failure_of(of, "TrainerFailed", "x" * 900, now=NOW)

    assert (ident(1), of.staging, 2) == (failed.commit, failed.run, failed.attempt)
    assert ("uid-1/7", "now", of.digest) == (failed.by, failed.request, failed.spec)
    assert f"mnist-{of.staging[:12]}" == failed.tfjob
    assert 500 == len(failed.message)


def test_a_run_that_was_stopped_is_no_failure():
    stopped = skip_of(attempt(generation=7), SUPERSEDED, "Later.", now=NOW)

    assert (_SKIPPED, SUPERSEDED, "") == (
        stopped.decision,
        stopped.reason,
        stopped.by,
    )
    assert attempt().staging == stopped.run


def test_a_changed_spec_asks_once_for_each_commit_and_trainer():
    asked = {
        retrain_request(ident(number), digest)
        for number in (1, 2)
        for digest in (spec_digest(), spec_digest(trainer={"image": "new"}))
    }

    assert 4 == len(asked)
    assert all(is_own_request(each) for each in asked)
    assert retrain_request(ident(1), spec_digest()) in asked


@pytest.mark.parametrize("text", ["", "now", "2026-01-01T12:00:00Z"])
def test_what_a_person_asks_is_not_the_operators_own(text):
    assert not is_own_request(text)


def test_a_request_is_as_long_as_a_label_of_kubernetes_at_most():
    of = training(
        annotations={
            "mnist-operator.dev/requested-at": "x" * 9000,
            "mnist-operator.dev/requested-commit": ident(7),
        }
    )

    assert ("x" * 253, ident(7)) == (of.requested_at, of.requested_commit)
    assert ("", "") == (training().requested_at, training().requested_commit)


def test_the_end_of_a_run_by_hand_is_one_line():
    line = by_hand(7).to_line()

    assert 1 == line.count(b"\n")
    assert b'"request":"now"' in line
    assert b"request" not in Entry(NOW, _SKIPPED, commit="c1").to_line()

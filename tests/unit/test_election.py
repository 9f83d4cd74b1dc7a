"""Who works: what is read off a Lease, and what is written into it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mnist_operator.election import (
    HOLD_SECONDS,
    LEASE_SECONDS,
    LOOK_SECONDS,
    RENEW_SECONDS,
    RETRY_SECONDS,
    Claim,
    Lease,
    Lost,
    Sight,
    Wait,
    claim,
    decide,
    look,
    release,
)

ME, OTHER = "here_1", "there_2"
NOON = datetime(2026, 1, 2, 12, 0, 0, 5, tzinfo=UTC)
STAMP = "2026-01-02T12:00:00.000005Z"
THEIRS = Lease(OTHER, renewed="a", acquired="a", transitions=4, version="7")
OURS = replace(THEIRS, holder=ME)
GIVEN_BACK = replace(THEIRS, holder="", seconds=1)
MONTH_LONG = replace(THEIRS, seconds=2_592_000)


@pytest.mark.parametrize(
    ("lease", "working", "seen_for", "expected"),
    [
        pytest.param(None, False, 0, Claim(), id="there-is-none"),
        pytest.param(GIVEN_BACK, False, 0, Claim(), id="it-was-given-back"),
        pytest.param(OURS, False, 0, Claim(), id="a-claim-whose-answer-was-lost"),
        pytest.param(THEIRS, False, 0, Wait(LOOK_SECONDS), id="it-is-anothers"),
        pytest.param(THEIRS, False, 14, Wait(1), id="it-is-anothers-for-a-second"),
        pytest.param(THEIRS, False, 15, Claim(), id="the-holder-renews-no-more"),
        pytest.param(MONTH_LONG, False, 60, Wait(LOOK_SECONDS), id="it-lasts-longer"),
        pytest.param(OURS, True, 5, Claim(), id="we-renew"),
        pytest.param(OURS, True, 60, Claim(), id="we-renew-late"),
        pytest.param(None, True, 0, Claim(), id="somebody-deleted-ours"),
        pytest.param(THEIRS, True, 0, Lost(), id="somebody-took-ours"),
        pytest.param(THEIRS, True, 60, Lost(), id="somebody-took-ours-long-ago"),
        pytest.param(GIVEN_BACK, True, 0, Lost(), id="somebody-emptied-ours"),
    ],
)
def test_what_is_done_about_a_lease(lease, working, seen_for, expected):
    sight = Sight(lease, since=100.0)

    assert expected == decide(sight, me=ME, working=working, now=100.0 + seen_for)


@pytest.mark.parametrize(
    ("lease", "since"),
    [
        pytest.param(THEIRS, 100.0, id="as-before"),
        pytest.param(replace(THEIRS, version="8"), 100.0, id="labelled-in-between"),
        pytest.param(replace(THEIRS, renewed="b"), 110.0, id="renewed"),
        pytest.param(replace(THEIRS, holder=ME), 110.0, id="taken"),
        pytest.param(None, 110.0, id="deleted"),
    ],
)
def test_what_counts_is_since_when_it_was_not_renewed(lease, since):
    sight = look(Sight(THEIRS, since=100.0), lease, now=110.0)

    assert (lease, since) == (sight.lease, sight.since)
    if lease is not None:
        assert lease.version == sight.lease.version


def test_the_first_look_says_nothing_about_the_time_before_it():
    assert Sight(THEIRS, since=110.0) == look(None, THEIRS, now=110.0)


def test_a_first_claim_begins_a_lease():
    expected = Lease(ME, LEASE_SECONDS, acquired=STAMP, renewed=STAMP)

    assert expected == claim(None, me=ME, now=NOON)


def test_a_takeover_is_counted_and_names_the_state_that_it_replaces():
    taken = claim(replace(THEIRS, seconds=60), me=ME, now=NOON)

    assert Lease(ME, LEASE_SECONDS, STAMP, STAMP, transitions=5) == taken
    assert "7" == taken.version


def test_a_renewal_changes_the_time_alone():
    renewed = claim(OURS, me=ME, now=NOON)

    assert replace(OURS, renewed=STAMP) == renewed
    assert "7" == renewed.version


def test_what_is_given_back_is_nobodys_and_may_be_taken_at_once():
    given_back = release(OURS, now=NOON)

    assert ("", 1, STAMP, "7") == (
        given_back.holder,
        given_back.seconds,
        given_back.renewed,
        given_back.version,
    )
    sight = look(None, given_back, now=0.0)
    assert Claim() == decide(sight, me=OTHER, working=False, now=0.0)


def test_a_holder_gives_up_before_anybody_else_begins():
    longest_renewal = RENEW_SECONDS + RETRY_SECONDS

    assert longest_renewal < HOLD_SECONDS < LEASE_SECONDS

"""The ledger: lines out and in again, what they fold to, where a walk ends."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.decisions import Decision, Entry, Start, to_lines
from mnist_operator.ledger import Bound, Ledger, counting
from unit.builders import NOW, ago, begun, commit, entry, examples, ident, ledger

_FAILED, _SKIPPED = Decision.FAILED, Decision.SKIPPED

_moments = st.datetimes(
    datetime(1901, 1, 1),  # noqa: DTZ001 (hypothesis adds the zone)
    datetime(2999, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=2)), UTC]),
)
_shown = st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" ")
_words = st.text(_shown, max_size=12)
_few = st.sampled_from(["", "r1", "r2", "r3"])
_starts = st.builds(
    Start, _words, _words, inclusive=st.booleans(), after=st.none() | _moments
)
_decided = st.builds(
    Entry,
    _moments,
    st.sampled_from([Decision.PUBLISHED, _FAILED, _SKIPPED]),
    commit=st.sampled_from(["c1", "c2", "c3"]),
    reason=_words,
    message=_words,
    attempt=st.integers(0, 20),
    run=_few,
    tfjob=_words,
    output=_words,
    accuracy=_words,
    spec=_words,
)
_begun = st.builds(Entry, _moments, st.just(Decision.STARTED), start=_starts)
_entries = st.lists(_decided | _begun, max_size=8)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner)
    ),
    max_leaves=6,
)
_fields = st.sampled_from(["time", "decision", "commit", "attempt", "run", "start"])


@examples
@given(_entries)
def test_what_is_written_is_read_back(entries):
    assert Ledger().extended(entries) == Ledger.parse(to_lines(entries))


@examples
@given(_entries)
def test_the_entries_that_count_fold_to_the_same(entries):
    """But for runs of which only repeats name the commit: those are forgotten."""
    told = [
        each for each, counts in zip(entries, counting(entries), strict=True) if counts
    ]

    found, whole = Ledger().extended(told), Ledger().extended(entries)

    assert [True] * len(told) == counting(told)
    assert (whole.decided, whole.settled, whole.start, whole.recent) == (
        found.decided,
        found.settled,
        found.start,
        found.recent,
    )


@examples
@given(_decided | _begun)
def test_a_decision_is_one_line(line):
    assert 1 == line.to_line().count(b"\n")
    assert line.to_line().endswith(b"\n")


def test_what_is_empty_is_not_written():
    written = json.loads(Entry(NOW, _SKIPPED, commit="c1").to_line())

    assert {"time", "decision", "commit"} == set(written)


@examples
@given(_entries, _entries)
def test_appending_twice_is_appending_once_with_both(first, second):
    assert Ledger().extended([*first, *second]) == (
        Ledger().extended(first).extended(second)
    )


@examples
@given(_entries, _entries)
def test_a_run_that_is_written_down_again_changes_nothing(first, again):
    folded = Ledger().extended(first)
    repeated = [each for each in again if each.run in folded.runs]

    assert folded == folded.extended(repeated)


def test_a_run_that_two_operators_wrote_down_counts_once():
    twice = to_lines([entry(1), entry(1)])

    assert (entry(1),) == Ledger.parse(twice).recent


_garbage = pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"", id="an-empty-line"),
        pytest.param(entry(2).to_line()[:40], id="a-torn-line"),
        pytest.param(b"\xff\xfe\x00", id="bytes-that-are-no-text"),
        pytest.param(b"null", id="no-object"),
        pytest.param(b"[]", id="a-list"),
        pytest.param(b'{"decision": "Skipped"}', id="no-time"),
        pytest.param(b'{"time": 5, "decision": "Skipped"}', id="a-time-in-seconds"),
        pytest.param(
            b'{"time": "2026-01-01T00:00:00Z", "decision": "Postponed"}',
            id="a-decision-of-a-later-version",
        ),
        pytest.param(
            b'{"time": "2026-01-01T00:00:00Z", "decision": "Failed", "attempt": 1e999}',
            id="an-attempt-without-end",
        ),
        pytest.param(
            b'{"time": "2026-01-01T00:00:00Z", "decision": "Started", "start": {}}',
            id="half-a-start",
        ),
        pytest.param(b"[" * 100_000, id="nested-without-end"),
    ],
)


@_garbage
def test_a_line_that_cannot_be_read_does_not_hide_the_others(line):
    content = entry(1).to_line() + line + b"\n" + entry(3).to_line()

    read = Ledger.parse(content)

    assert {ident(1), ident(3)} == read.decided


@examples
@given(st.binary(max_size=60).filter(lambda noise: b'"' not in noise))
def test_noise_at_the_end_takes_nothing_away(noise):
    assert Ledger().extended([entry(1)]) == Ledger.parse(entry(1).to_line() + noise)


@examples
@given(_fields, _json)
def test_no_value_in_a_line_stops_the_operator(field, value):
    line = json.loads(begun().to_line()) | {field: value}

    Ledger.parse(json.dumps(line).encode())


def test_a_time_that_a_person_wrote_without_a_zone_can_be_compared():
    line = json.loads(begun().to_line())
    line["time"] = line["start"]["after"] = "2026-01-01T00:00:00"

    read = Ledger.parse(json.dumps(line).encode())

    assert datetime(2026, 1, 1, tzinfo=UTC) == read.start.after
    assert Bound.STOP is read.bound(commit(2, started=ago(90_000)), is_head=False)


def test_an_empty_file_is_an_empty_ledger():
    assert Ledger() == Ledger.parse(b"")


def test_the_ledger_knows_what_is_decided_and_the_newest_model():
    folded = ledger(entry(1), entry(2, _FAILED), entry(3), entry(4, _SKIPPED))

    assert {ident(n) for n in (1, 2, 3, 4)} == folded.decided
    assert entry(3) == folded.published
    assert [ident(n) for n in (4, 3, 2, 1)] == [e.commit for e in folded.recent]
    assert {entry(n).run for n in (1, 2, 3)} == folded.runs


def test_only_the_last_ten_decisions_are_kept_whole():
    folded = ledger(*(entry(n) for n in range(1, 15)))

    assert [ident(n) for n in range(14, 4, -1)] == [e.commit for e in folded.recent]
    assert 14 == len(folded.decided)


def test_the_starting_point_is_no_decision_about_a_commit():
    folded = ledger()

    assert begun().start == folded.start
    assert (frozenset(), (), None) == (folded.decided, folded.recent, folded.published)


def test_a_new_start_leaves_what_is_decided_but_settles_nothing():
    folded = ledger(entry(1), begun("Earliest", None), entry(2))

    assert "Earliest" == folded.start.asked
    assert {ident(1), ident(2)} == folded.decided
    assert {ident(2)} == folded.settled


_LATEST = ledger()
_NEXT = ledger(start=begun("Next", 1, inclusive=False))
_EARLIEST = ledger(start=begun("Earliest", None))

_walk = pytest.mark.parametrize(
    ("book", "met", "is_head", "expected"),
    [
        pytest.param(
            Ledger(), commit(1), True, Bound.STOP, id="nothing-before-there-is-a-start"
        ),
        pytest.param(
            _LATEST, commit(2), True, Bound.TAKE, id="a-commit-after-the-start"
        ),
        pytest.param(
            _LATEST, commit(1), True, Bound.TAKE_AND_STOP, id="the-start-itself"
        ),
        pytest.param(
            _NEXT, commit(1), True, Bound.STOP, id="the-head-that-next-comes-after"
        ),
        pytest.param(_NEXT, commit(2), True, Bound.TAKE, id="what-comes-after-it"),
        pytest.param(
            _EARLIEST,
            commit(1),
            False,
            Bound.TAKE,
            id="all-from-the-earliest-on",
        ),
        pytest.param(
            _LATEST,
            commit(9, started=ago(9000)),
            False,
            Bound.STOP,
            id="older-than-the-start-which-is-gone",
        ),
        pytest.param(
            _LATEST,
            commit(9, started=ago(9000)),
            True,
            Bound.TAKE_AND_STOP,
            id="a-head-moved-back-to-before-the-start",
        ),
        pytest.param(
            ledger(entry(1)), commit(1), False, Bound.STOP, id="decided-since-the-start"
        ),
        pytest.param(
            ledger(entry(2), begun("Earliest", None)),
            commit(2),
            False,
            Bound.LOOK_FURTHER,
            id="decided-before-an-earlier-start",
        ),
        pytest.param(
            ledger(entry(1), begun("Latest", 1)),
            commit(1),
            True,
            Bound.STOP,
            id="a-start-that-was-decided-before",
        ),
        pytest.param(
            ledger(entry(9, _SKIPPED), begun()),
            commit(9, started=ago(9000)),
            True,
            Bound.STOP,
            id="an-old-head-that-was-decided-before",
        ),
    ],
)


@_walk
def test_a_walk_from_the_head_takes_what_is_undecided_and_ends(
    book, met, is_head, expected
):
    assert expected is book.bound(met, is_head=is_head)

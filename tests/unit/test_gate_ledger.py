"""Holds in the ledger: what is held, until it ends, whatever is appended meanwhile."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.decisions import Decision, read_line, release_request
from mnist_operator.gate_findings import Figures, Finding, GateVerdict
from mnist_operator.ledger import Bound, Ledger
from unit.builders import begun, commit, entry, examples, ident, ledger

_NONE = (("maxRelabelled", "0"),)
_FOUND = Finding(GateVerdict.HELD, ident(1), Figures(9, 9, 5), _NONE)
_REQUEST = release_request(ident(2))


def held(number=2):
    return entry(number, Decision.HELD, reason="DataGateHeld", gate=_FOUND)


def released(number=2):
    return entry(number, Decision.RELEASED)


def skipped(number=2, **fields):
    return entry(number, Decision.SKIPPED, **fields)


def test_a_line_is_read_back_with_what_was_found():
    assert held() == read_line(held().to_line())


def test_what_is_held_is_neither_decided_nor_open():
    book = ledger(entry(1), held())

    assert {ident(2)} == {*book.held}
    assert not book.is_open(ident(2))
    assert ident(2) not in book.decided
    assert held() == book.recent[0]


@pytest.mark.parametrize("is_head", [True, False])
def test_below_what_is_held_in_its_turn_nothing_is_open(is_head):
    book = ledger(entry(1), held())

    assert Bound.STOP == book.bound(commit(2), is_head=is_head)


def test_a_new_start_looks_below_what_is_held_and_leaves_it_so():
    book = ledger(entry(1), held(), begun("Earliest", None))

    assert Bound.LOOK_FURTHER == book.bound(commit(2), is_head=False)
    assert {ident(2)} == {*book.held}


def test_of_a_branch_that_is_followed_no_longer_nothing_is_held():
    book = ledger(held(), released(), held(3), begun("Earliest", None, source="x/y@z"))

    assert ({}, {}) == (book.held, book.released)


@pytest.mark.parametrize(
    "end",
    [
        pytest.param([entry(2, request="now")], id="a-run-by-hand"),
        pytest.param([entry(2, Decision.FAILED, request="now")], id="that-failed"),
        pytest.param([entry(2)], id="a-model-that-was-on-its-way"),
        pytest.param([skipped(reason="Superseded")], id="superseded"),
        pytest.param([skipped(reason="Discarded")], id="discarded"),
        pytest.param([released(), entry(2, request=_REQUEST)], id="released"),
        pytest.param(
            [released(), entry(2, Decision.FAILED, request=_REQUEST)],
            id="released-and-failed",
        ),
        pytest.param(
            [released(), skipped(request=_REQUEST, reason="RequestRefused")],
            id="released-and-gone",
        ),
    ],
)
def test_this_ends_a_hold(end):
    book = ledger(entry(1), held(), *end)

    assert ({}, {}) == (book.held, book.released)
    assert ident(2) in book.decided
    assert not ledger(*end, held()).held


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(held(), id="another-hold"),
        pytest.param(skipped(request="now"), id="a-request-that-was-refused"),
        pytest.param(entry(3), id="another-commit"),
        pytest.param(entry(2, Decision.WARNED), id="a-warning"),
    ],
)
def test_this_does_not(line):
    assert {ident(2)} == {*ledger(entry(1), held(), line).held}


def test_what_is_released_is_not_held_again_and_not_twice_released():
    book = ledger(entry(1), held(), released(), held(), released())

    assert ({}, {ident(2)}) == (book.held, {*book.released})
    assert not book.is_open(ident(2))


def test_what_is_not_held_is_not_released():
    assert {} == ledger(entry(1), released()).released


def test_a_warning_is_kept_once_and_ends_nothing():
    first = entry(2, Decision.WARNED, message="first")
    book = ledger(entry(1), first, replace(first, message="again"))

    assert (first, {ident(2)}) == (book.warning, book.warned)
    assert book.is_open(ident(2))


def test_a_release_is_no_request_that_somebody_waits_for():
    book = ledger(held(), released(), entry(2, request=_REQUEST))

    assert "" == book.last_request
    assert ident(2) == book.published.commit


def test_another_versions_operator_passes_over_such_lines():
    line = held().to_line().replace(b'"Held"', b'"Hovering"', 1)

    assert read_line(line) is None


_LINES = st.lists(
    st.sampled_from([
        *(held(n) for n in (1, 2)),
        *(released(n) for n in (1, 2)),
        *(entry(n, request=release_request(ident(n))) for n in (1, 2)),
        *(skipped(n, reason="Superseded") for n in (1, 2)),
        *(entry(n, request="now") for n in (1, 2)),
        *(entry(n, Decision.WARNED) for n in (1, 2)),
        begun("Next", 1),
    ]),
    max_size=12,
)  # fmt: skip


@examples
@given(lines=_LINES, cut=st.integers(0, 12))
def test_it_makes_no_difference_how_lines_are_folded(lines, cut):
    whole = Ledger().extended(lines)
    parts = Ledger().extended(lines[:cut]).extended(lines[cut:])
    read = Ledger.parse(b"".join(line.to_line() for line in lines))

    assert (whole.held, whole.released, whole.decided) == (
        parts.held,
        parts.released,
        parts.decided,
    )
    assert {*whole.held} == {*read.held}


@examples
@given(lines=_LINES)
def test_a_commit_is_in_one_state_at_a_time(lines):
    book = Ledger().extended(lines)
    states = (book.decided, {*book.held}, {*book.released})

    assert len(frozenset().union(*states)) == sum(map(len, states))

"""Lines about commits that were not the next of their branch.

The branch may have moved away from a commit, whose run goes on to its end while an
older one is undecided; and it may come back to both. Input: lines, and what waits as
they are written. Output: which are marked, and how far a walk from the head goes.
"""

from dataclasses import replace

import pytest

from mnist_operator import lanes
from mnist_operator.decisions import Decision, read_line, to_lines
from mnist_operator.ledger import Bound
from unit.builders import commit, entry, ledger, observed, source


def written(*entries, waiting=(), before=()):
    """The marks of these lines, when so many commits wait, oldest first."""
    seen = observed(
        source=source(*(commit(each) for each in waiting)), ledger=ledger(*before)
    )
    return [each.aside for each in lanes.in_order(seen, entries)]


def skipped(number):
    return entry(number, Decision.SKIPPED, reason="Superseded")


def held(number):
    return entry(number, Decision.HELD)


@pytest.mark.parametrize("line", [entry(2), entry(2, Decision.FAILED), held(2)])
def test_the_oldest_that_waits_is_in_order(line):
    assert [False] == written(line, waiting=(2, 3))


def test_several_at_once_are_in_order_from_the_oldest_on():
    assert [False, False] == written(skipped(2), skipped(3), waiting=(2, 3, 4))


@pytest.mark.parametrize("waiting", [(), (2,), (1, 2)])
def test_a_commit_that_waits_no_more_or_not_first_is_not(waiting):
    assert [True] == written(entry(2 if waiting == (1, 2) else 3), waiting=waiting)


def test_what_was_settled_before_stays_so():
    assert [False] == written(skipped(2), waiting=(3,), before=[held(2)])


@pytest.mark.parametrize(
    "line",
    [
        entry(3, request="now"),
        entry(3, Decision.WARNED),
        entry(3, Decision.PROMOTED),
        entry(3, Decision.RELEASED),
    ],
)
def test_what_ends_no_turn_is_never_marked(line):
    assert [False] == written(line, waiting=(2,))


def test_below_a_marked_line_the_walk_goes_on():
    book = ledger(entry(2), replace(entry(4), aside=True))

    assert not book.is_open(commit(4).id)
    assert Bound.LOOK_FURTHER is book.bound(commit(4), is_head=True)
    assert Bound.TAKE is book.bound(commit(3), is_head=False)
    assert Bound.STOP is book.bound(commit(2), is_head=False)


@pytest.mark.parametrize("aside", [False, True])
def test_the_mark_is_written_down(aside):
    line = replace(entry(2), aside=aside)

    assert line == read_line(to_lines([line]))
    assert aside == (b"aside" in to_lines([line]))


@pytest.mark.parametrize("value", [b"1", b'"true"', b"[]"])
def test_a_mark_of_another_kind_is_none(value):
    line = to_lines([replace(entry(2), aside=True)])

    assert entry(2) == read_line(line.replace(b"true", value))

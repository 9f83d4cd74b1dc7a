"""A run that succeeded, and above which an operator that stood still opened another.

Input: the staging commits of one slot. Output: the attempts that a look must know
besides the newest, and what is done about all of them.
"""

from dataclasses import replace

import pytest

from mnist_operator import foresight, places, runs
from mnist_operator.commits import Commit
from mnist_operator.plan import CloseAttempt, Publish
from mnist_operator.readings import Memory
from mnist_operator.reconcile import reconcile
from mnist_operator.runs import Outcome, Verdict
from mnist_operator.slots import find_hidden, read_attempts
from unit.builders import (
    NOW,
    RUNS,
    ago,
    attempt,
    closed,
    entry,
    ident,
    ledger,
    observed,
    training,
)

SUCCEEDED = Outcome(Verdict.SUCCEEDED)
FAILED = Outcome(Verdict.FAILED, "TrainerFailed", "Exit code 1.")
GIVEN_UP = Outcome(Verdict.ABANDONED, "Recreated", "Made anew.")


def nth(number, **fields):
    """The first attempt, as an operator opens it that does not see the others."""
    return attempt(staging=ident(0xB000 + number), **fields)


class Slot:
    """The run repo of a pachd, with one slot; counts the commits that are asked for."""

    def __init__(self):
        self.commits = {}
        self.newest = None
        self.asked = 0

    def open(self, number, outcome=None, *, commit_number=1):
        """An attempt above what is there, and how it ended, if it did."""
        at = ago(300 - number)
        of = nth(number, commit_number=commit_number, opened=at)
        text = runs.describe_attempt(of)
        if outcome is not None:
            text = runs.describe_outcome(of, outcome, {})
        done = at if outcome is not None else None
        self.commits[of.staging] = Commit(
            of.staging, RUNS, self.newest, text, at, done, done
        )
        self.newest = of.staging
        return of

    async def head(self, branch):
        is_ours = branch == places.slot_branch(training(), 0)
        return self.commits.get(self.newest) if is_ours else None

    async def commit(self, repo, id):  # noqa: A002
        assert repo == RUNS
        self.asked += 1
        return self.commits.get(id)


@pytest.fixture(name="slot")
def _slot():
    return Slot()


@pytest.fixture(name="memory")
def _memory():
    return Memory()


async def look(slot, memory, book=None):
    """The newest attempt, and those that it hides."""
    of, book = training(), book or ledger()
    newest = await read_attempts(slot, of, memory)
    memory.forget_others(of.name, newest)
    hidden = await find_hidden(slot, of, memory, newest, book)
    return [e.staging for e in newest], [e.staging for e in hidden]


async def test_one_that_succeeded_is_found_below_an_open_one_and_asked_for_once(
    slot, memory
):
    below, above = slot.open(1, SUCCEEDED), slot.open(2)

    assert ([above.staging], [below.staging]) == await look(slot, memory)
    assert ([above.staging], [below.staging]) == await look(slot, memory)
    assert 1 == slot.asked


async def test_whoever_saw_it_as_the_newest_does_not_ask_for_it(slot, memory):
    below = slot.open(1, SUCCEEDED)
    await look(slot, memory)
    above = slot.open(2)

    assert ([above.staging], [below.staging]) == await look(slot, memory)
    assert 0 == slot.asked


async def test_whoever_saw_it_open_asks_how_it_ended(slot, memory):
    slot.open(1)
    await look(slot, memory)
    slot.newest = None
    below = slot.open(1, SUCCEEDED)
    above = slot.open(2)

    assert ([above.staging], [below.staging]) == await look(slot, memory)
    assert 1 == slot.asked


@pytest.mark.parametrize("end", [None, FAILED, SUCCEEDED, GIVEN_UP])
async def test_it_is_found_below_what_was_given_up_too(slot, memory, end):
    below = slot.open(1, SUCCEEDED)
    slot.open(2, GIVEN_UP)
    slot.open(3, GIVEN_UP)
    slot.open(4, end)

    assert [below.staging] == (await look(slot, memory))[1]


@pytest.mark.parametrize("end", [FAILED, GIVEN_UP])
async def test_one_that_did_not_succeed_stays_where_it_is(slot, memory, end):
    slot.open(1, end)
    slot.open(2)

    assert [] == (await look(slot, memory))[1]


async def test_nothing_is_below_the_first(slot, memory):
    slot.open(1)

    assert [] == (await look(slot, memory))[1]
    assert 0 == slot.asked


async def test_what_is_gone_is_none(slot, memory):
    slot.open(1, SUCCEEDED)
    slot.open(2)
    del slot.commits[nth(1).staging]

    assert [] == (await look(slot, memory))[1]


async def test_nor_is_what_lies_too_deep(slot, memory):
    slot.open(0, SUCCEEDED)
    for number in range(1, 12):
        slot.open(number, GIVEN_UP)

    assert [] == (await look(slot, memory))[1]


async def test_one_that_is_still_open_there_is_looked_at_again(slot, memory):
    below = slot.open(1)
    above = slot.open(2)
    assert [] == (await look(slot, memory))[1]
    slot.newest = None
    slot.open(1, SUCCEEDED)
    slot.newest = above.staging

    assert [below.staging] == (await look(slot, memory))[1]


async def test_nobody_asks_where_the_newest_is_decided(slot, memory):
    slot.open(1, SUCCEEDED, commit_number=1)
    slot.open(2, SUCCEEDED, commit_number=2)
    book = ledger(entry(1), entry(2))

    assert [] == (await look(slot, memory, book))[1]
    assert 0 == slot.asked


async def test_nor_is_one_found_that_is_decided(slot, memory):
    slot.open(1, SUCCEEDED, commit_number=1)
    slot.open(2, commit_number=2)

    assert [] == (await look(slot, memory, ledger(entry(1))))[1]


def test_the_one_above_it_is_given_up_and_its_model_is_published():
    below = closed(nth(1, opened=ago(300)))
    above = nth(2, opened=ago(100))
    seen = replace(observed(), attempts=(above, below))

    (close,) = reconcile(seen, now=NOW).actions
    assert isinstance(close, CloseAttempt)
    assert (above, "Twin") == (close.attempt, close.outcome.reason)

    text = runs.describe_outcome(above, close.outcome, {})
    after = foresight.with_closed(seen, above, text, NOW)
    assert (Publish(below),) == reconcile(after, now=NOW).actions


def test_its_model_counts_and_not_that_the_one_above_has_failed():
    below = closed(nth(1, opened=ago(300)))
    above = closed(nth(2, opened=ago(100)), Verdict.FAILED)
    seen = replace(observed(), attempts=(above, below))

    assert (Publish(below),) == reconcile(seen, now=NOW).actions

"""Who is asked whether somebody else wrote to an output branch, and how often."""

import asyncio
import math

import pytest

from mnist_operator.branch_watch import BranchWatch
from mnist_operator.errors import UnreachableError
from mnist_operator.patrol import PEEKS, Patrol
from mnist_operator.readings import Memory
from unit.builders import entry, ident, ledger, training


class _Follower:
    """One that rests, unless it is told otherwise."""

    def __init__(self, *, busy_since=None, looked_at=-math.inf, error=None):
        self.busy_since = busy_since
        self.looked_at = looked_at
        self.peeks = 0
        self._error = error

    async def peek(self):
        self.peeks += 1
        if self._error:
            raise self._error


def many(count, **how):
    return {("team", f"mnist-{n}"): _Follower(**how) for n in range(count)}


@pytest.mark.parametrize("count", [3 * PEEKS, 5 * PEEKS])
async def test_a_round_asks_as_often_however_many_there_are_and_all_in_turn(count):
    followers = many(count)
    patrol = Patrol(followers)

    for rounds in range(1, count // PEEKS + 1):
        await patrol.go_round(60.0)
        assert rounds * PEEKS == sum(each.peeks for each in followers.values())

    assert {1} == {each.peeks for each in followers.values()}


async def test_whoever_looks_or_has_just_looked_is_not_asked():
    now = asyncio.get_running_loop().time()
    at_work, fresh = _Follower(busy_since=now), _Follower(looked_at=now)
    followers = {("team", "at-work"): at_work, ("team", "fresh"): fresh}

    await Patrol(followers).go_round(60.0)

    assert (0, 0) == (at_work.peeks, fresh.peeks)


@pytest.mark.parametrize(
    "error", [UnreachableError("pachd", "InspectBranch", "away"), ValueError("odd")]
)
async def test_one_that_cannot_be_asked_is_no_trouble_for_the_others(error):
    followers = many(2, error=error)

    await Patrol(followers).go_round(60.0)

    assert [1, 1] == [each.peeks for each in followers.values()]


class _Pachyderm:
    connection = "one"

    def __init__(self, head):
        self._head = head

    async def branch_head_id(self, branch):
        assert "outputrepo" == branch.repo.name
        return self._head


class _Feeds:
    def watch(self, *_):
        return self

    async def close(self):
        pass


@pytest.mark.parametrize(
    ("head", "is_other"),
    [
        pytest.param(None, False, id="an empty branch"),
        pytest.param(ident(0xF001), False, id="the newest model of the ledger"),
        pytest.param(ident(7), False, id="a stranger's that was seen"),
        pytest.param(ident(8), True, id="one that nobody has seen"),
    ],
)
async def test_only_a_head_that_no_look_has_seen_is_news(head, is_other):
    known = ledger(entry(1, output=ident(0xF001)))
    memory = Memory(ledger=known, output_head=ident(7))
    watch = BranchWatch(_Feeds(), lambda: None)

    before = await watch.finds_other_output(memory)
    await watch.follow(training(), _Pachyderm(head))
    found = await watch.finds_other_output(memory)
    await watch.close()

    assert (False, is_other, False) == (
        before,
        found,
        await watch.finds_other_output(memory),
    )

"""When a record is verified for the page, how often, and what is told meanwhile."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from mnist_operator.cli.dashboard.verdicts import Verdicts, is_small
from mnist_operator.cli.opened import Opened
from mnist_operator.cli.verify.verification import Data, DataFile, Witnesses
from mnist_operator.commits import File
from mnist_operator.errors import UnreachableError
from mnist_operator.pachyderm import Connection
from unit import mnistctl_records as records

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
COMMITS = [f"{n:032x}" for n in range(300)]


class _Pachd:
    """Knows no commit, and says so when it is let."""

    connection = Connection("pachd:30650")

    def __init__(self):
        self.asked = []
        self.goes_on = asyncio.Event()
        self.fault = None

    async def commit(self, repo, name):
        self.asked.append((repo, name))
        await self.goes_on.wait()
        if self.fault:
            raise self.fault


class _Clock:
    """Says what a test says."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


async def _settle():
    """Let everybody go on who can."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture(name="clock")
def _clock():
    return _Clock()


@pytest.fixture(name="verdicts")
async def _verdicts(clock):
    verdicts = Verdicts(now=clock)
    yield verdicts
    await verdicts.close()


async def test_who_looks_first_is_told_that_it_is_being_found_out(verdicts):
    pachd = _Pachd()

    look = verdicts.look(pachd, records.TRAINING, COMMITS[0])

    assert (True, None, "") == (look.busy, look.item, look.said)


async def test_what_was_found_is_told_with_its_time_and_asked_for_once(verdicts, clock):
    pachd = _Pachd()
    pachd.goes_on.set()
    verdicts.look(pachd, records.TRAINING, COMMITS[0])
    await _settle()
    clock.now += timedelta(minutes=9)

    look = verdicts.look(pachd, records.TRAINING, COMMITS[0])

    assert "The record does not hold." == look.said
    assert "squashed or dropped" in look.item["checks"][0]["details"][0]
    assert (NOON, False) == (look.checked, look.busy)
    assert 1 == len(pachd.asked)


async def test_after_a_while_it_is_asked_for_anew_and_the_old_answer_stands(
    verdicts, clock
):
    pachd = _Pachd()
    pachd.goes_on.set()
    verdicts.look(pachd, records.TRAINING, COMMITS[0])
    await _settle()
    clock.now += timedelta(minutes=10)

    look = verdicts.look(pachd, records.TRAINING, COMMITS[0])
    await _settle()

    assert (NOON, True) == (look.checked, look.busy)
    assert 2 == len(pachd.asked)


async def test_a_pachd_without_an_answer_is_told_and_left_alone_for_a_moment(
    verdicts, clock
):
    pachd = _Pachd()
    pachd.fault = UnreachableError("pachd", "InspectCommit", "UNAVAILABLE")
    pachd.goes_on.set()
    verdicts.look(pachd, records.TRAINING, COMMITS[0])
    await _settle()

    soon = verdicts.look(pachd, records.TRAINING, COMMITS[0])
    clock.now += timedelta(seconds=15)
    later = verdicts.look(pachd, records.TRAINING, COMMITS[0])

    assert ("pachd: InspectCommit: UNAVAILABLE", False) == (soon.trouble, soon.busy)
    assert later.busy


async def test_two_are_found_out_at_once_however_many_look(verdicts):
    pachd = _Pachd()
    for each in COMMITS[:30]:
        verdicts.look(pachd, records.TRAINING, each)
    await _settle()

    assert 2 == len(pachd.asked)


async def test_only_so_many_are_remembered(verdicts):
    pachd = _Pachd()
    pachd.goes_on.set()
    for each in COMMITS:
        verdicts.look(pachd, records.TRAINING, each)
        await _settle()

    assert verdicts.look(pachd, records.TRAINING, COMMITS[0]).busy
    assert not verdicts.look(pachd, records.TRAINING, COMMITS[-1]).busy


async def test_what_another_token_may_see_is_not_told(verdicts):
    pachd, other = _Pachd(), _Pachd()
    other.connection = Connection("pachd:30650", token="lesser")
    pachd.goes_on.set()
    verdicts.look(pachd, records.TRAINING, COMMITS[0])
    await _settle()

    assert verdicts.look(other, records.TRAINING, COMMITS[0]).item is None


@pytest.mark.parametrize(
    ("model", "data", "small"),
    [(5 << 20, 11 << 20, True), (5 << 20, 60 << 20, False), (33 << 20, 0, False)],
)
def test_what_is_large_is_not_read(model, data, small):
    opened = Opened("m", b"{}", None, [File("/my_model.h5", model, "")])
    commit = records.output_commit()
    seen = Witnesses(data=Data(commit, {"/data/mnist.npz": DataFile(data)}))

    assert small is is_small(opened, seen)

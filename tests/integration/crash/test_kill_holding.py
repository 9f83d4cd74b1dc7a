"""kill -9 of the operator while it holds a commit, and while one is released."""

import pytest

from integration.crash.deaths import die_under, expect_each_event_once
from integration.crash.forked import ForkedProcess
from integration.crash.holds import ANY, EITHER, LEDGER, Fate, cases
from integration.gated import (
    annotate,
    begin,
    gate_in_record,
    held,
    jobs_of,
    lines,
    push,
)
from integration.stories import settled
from mnist_operator.gate_answers import RELEASE_COMMIT

_LOST = (Fate.LOST,)
_HOLDING = cases(
    ("it reads the data", _LOST, ("GetFile", "data/mnist.npz")),
    ("it records the hold", ANY, (*LEDGER, "DataGateHeld")),
    ("it tells of the hold", _LOST, ("POST", "/events", "DataGateHeld")),
    ("it shows the hold", _LOST, ("PATCH", "/status", "DataGateHeld")),
)
_RELEASING = cases(
    ("it records the release", EITHER, (*LEDGER, "DataGateReleased")),
    ("it opens the attempt", _LOST, ("StartCommit", "release:")),
    ("it records the model", _LOST, (*LEDGER, "Published", "release:")),
)


@pytest.mark.parametrize(("fate", "words"), _HOLDING)
async def test_one_hold_and_no_run_when_killed_while(world, fate, words):
    async with ForkedProcess(world) as operator:
        first = await begin(world)
        hold = world.holds.add(fate, *words)
        second = await push(world, [1] * 10)
        await die_under(world, operator, hold)
    async with ForkedProcess(world):
        await held(world, second)
        await hold.deliver()
        await annotate(world, RELEASE_COMMIT, second)
        await settled(world, second)

    await _expect_one_of_each(world, first, second)


@pytest.mark.parametrize(("fate", "words"), _RELEASING)
async def test_one_run_of_what_is_released_when_killed_while(world, fate, words):
    async with ForkedProcess(world) as operator:
        first = await begin(world)
        second = await push(world, [1] * 10)
        await held(world, second)
        hold = world.holds.add(fate, *words)
        await annotate(world, RELEASE_COMMIT, second)
        await die_under(world, operator, hold)
    async with ForkedProcess(world):
        await settled(world, second)
        await hold.deliver()

    await _expect_one_of_each(world, first, second)


async def _expect_one_of_each(world, first, second):
    told = [*dict.fromkeys(await lines(world))]

    assert [first, second] == await world.trained()
    assert 1 == await jobs_of(world, second)
    assert [
        (first, "Published"),
        (second, "Held"),
        (second, "Released"),
        (second, "Published"),
    ] == told
    assert {} == (await world.ledger()).held
    assert "Released" == (await gate_in_record(world, second))["verdict"]
    await expect_each_event_once(world)

"""kill -9 of the operator where the policies have put a step of their own."""

import pytest

from integration.crash.deaths import (
    come_to_rest,
    die_under,
    die_while,
    expect_all_well,
    live_again,
)
from integration.crash.forked import ForkedProcess
from integration.crash.holds import (
    ANY,
    ATTEMPT,
    EITHER,
    LEDGER,
    PIN,
    Fate,
    cases,
    fill_in,
    reached,
)
from integration.world import EARLIEST, INPUT, until
from mnist_operator.decisions import Decision

_LATE = (Fate.LATE,)
ALLOW = {"concurrencyPolicy": "Allow", "maxParallel": 2, "trigger": EARLIEST}


# --- LatestOnly ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fate", "words"),
    cases(
        ("it records what was superseded", ANY, (*LEDGER, "Superseded")),
        ("it opens the attempt for the newest", EITHER, ("StartCommit", "{newest}")),
    ),
)
async def test_only_the_latest_is_trained_and_the_others_named_when_killed_while(
    world, fate, words
):
    await world.apply(trigger={"mode": "LatestOnly", **EARLIEST})
    passed = [await world.push(digits=digits) for digits in (1, 2)]
    newest = await world.push(digits=3)
    hold = await die_while(world, fate, *fill_in(words, newest=newest))
    async with ForkedProcess(world):
        following = await live_again(world, newest, hold)

    await expect_all_well(world, newest, following, undone=passed)
    skipped = (await world.entries())[:2]
    assert {"Superseded"} == {entry.reason for entry in skipped}
    assert all(newest in entry.message for entry in skipped)


# --- Replace ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fate", "words"),
    cases(
        ("it closes the run", ANY, ("FinishCommit", ATTEMPT, "Superseded")),
        ("it deletes the TFJob", EITHER, ("DELETE", "/tfjobs/")),
        ("it records what was superseded", EITHER, (*LEDGER, "Superseded")),
        ("it opens the newer attempt", EITHER, ("StartCommit", "{newest}")),
    ),
)
async def test_a_run_is_replaced_once_and_named_when_killed_while(world, fate, words):
    await world.apply(concurrencyPolicy="Replace", trigger=EARLIEST)
    never = world.folder / "never"
    async with ForkedProcess(world) as operator:
        stopped = await world.push(digits=1, wait_for=str(never))
        await reached(never)
        newest = await world.open_commit(digits=2)
        hold = world.holds.add(fate, *fill_in(words, newest=newest))
        await world.pachyderm.finish_commit(INPUT.repo, newest)
        await die_under(world, operator, hold)
    async with ForkedProcess(world):
        following = await live_again(world, newest, hold)

    await expect_all_well(world, newest, following, undone=[stopped])
    entry = (await world.entries())[0]
    assert (Decision.SKIPPED, "Superseded", 1) == (
        entry.decision,
        entry.reason,
        entry.attempt,
    )
    assert newest in entry.message
    assert entry.tfjob not in [job["metadata"]["name"] for job in await world.jobs()]


# --- Allow --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fate", "words"),
    cases(
        ("it opens the attempt", ANY, ("StartCommit", "team_mnist_1")),
        ("it clears the attempt", EITHER, ("ModifyFile", "/attempt.json", "{second}")),
        ("it creates the TFJob", EITHER, ("POST", "/tfjobs", "{second}")),
    ),
)
async def test_the_second_slot_is_used_once_when_killed_while(world, fate, words):
    await world.apply(**ALLOW)
    gates = [world.folder / "first-gate", world.folder / "second-gate"]
    first = await world.push(digits=1, wait_for=str(gates[0]))
    second = await world.push(digits=2, wait_for=str(gates[1]))
    hold = await die_while(world, fate, *fill_in(words, second=second))
    async with ForkedProcess(world):
        await reached(*gates)
        for gate in gates:
            gate.touch()
        following = await live_again(world, second, hold)

    await expect_all_well(world, first, second, following, at_once=2)


@pytest.mark.parametrize(
    ("fate", "words"),
    cases(
        ("it records the first model", EITHER, (*LEDGER, "Published", "{first}")),
        ("it opens the second model", ANY, ("CreateBranch", PIN, "{second}")),
        ("it records the second model", EITHER, (*LEDGER, "Published", "{second}")),
    ),
)
async def test_both_models_are_published_once_and_in_order_when_killed_while(
    world, fate, words
):
    await world.apply(**ALLOW)
    gate = world.folder / "gate"
    async with ForkedProcess(world) as operator:
        first = await world.push(digits=1, wait_for=str(gate))
        second = await world.push(digits=2)
        await until(lambda: is_trained(world), "a model that waits for its turn")
        hold = world.holds.add(fate, *fill_in(words, first=first, second=second))
        gate.touch()
        await die_under(world, operator, hold)
    async with ForkedProcess(world):
        following = await live_again(world, second, hold)

    await expect_all_well(world, first, second, following, at_once=2)


async def is_trained(world):
    active = (await world.status()).get("active", [])
    return ["Running", "Trained"] == [each["state"] for each in active]


@pytest.mark.parametrize(
    ("fate", "words"),
    cases(
        ("it opens the next attempt", ANY, ("StartCommit", r"attempt\":2", "{first}")),
    ),
)
async def test_a_second_attempt_keeps_its_turn_when_killed_while(world, fate, words):
    await world.apply(**ALLOW, attempts={"backoffSeconds": 0})
    gate, mended = world.folder / "gate", world.folder / "mended"
    asked = {"exit": 137, "unless": str(mended), "wait_for": str(gate)}
    async with ForkedProcess(world) as operator:
        first = await world.push(**asked)
        second = await world.push(digits=2)
        await until(lambda: is_trained(world), "a model that waits for its turn")
        hold = world.holds.add(fate, *fill_in(words, first=first))
        gate.touch()
        await die_under(world, operator, hold)
    mended.touch()
    async with ForkedProcess(world):
        following = await live_again(world, second, hold)

    await expect_all_well(world, first, second, following, jobs=4, at_once=2)
    assert [2, 1, 1] == [model.attempt for model in await world.models()]


async def test_two_operators_with_several_slots_make_one_model_for_each_commit(world):
    async with ForkedProcess(world), ForkedProcess(world):
        await world.apply(**ALLOW | {"maxParallel": 3})
        pushed = [await world.push(digits=digits) for digits in range(6)]
        pushed.append(await live_again(world, pushed[-1]))

    await expect_one_model_each(world, *pushed)


@pytest.mark.parametrize(
    ("fate", "words"),
    cases(
        ("opens the second slot", _LATE, ("StartCommit", "team_mnist_1")),
        ("opens the second model", _LATE, ("CreateBranch", PIN, "{second}")),
    ),
)
async def test_an_operator_goes_on_with_all_slots_where_the_other_hangs_and(
    world, fate, words
):
    await world.apply(**ALLOW)
    first = await world.push(digits=1)
    second = await world.push(digits=2)
    hold = world.holds.add(fate, *fill_in(words, second=second))
    async with ForkedProcess(world), ForkedProcess(world):
        following = await live_again(world, second, hold)
        assert hold.taken

    await expect_one_model_each(world, first, second, following)


async def expect_one_model_each(world, *commits):
    """However many TFJobs it took: two that run for one commit, one is fenced off."""
    await come_to_rest(world)
    jobs = len(await world.jobs())
    await expect_all_well(world, *commits, jobs=jobs, at_once=world.most_jobs_at_once)

"""kill -9 of the operator around requests, retraining, old TFJobs and a stop."""

import pytest

from integration.crash.deaths import (
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
    cases,
    fill_in,
    reached,
)
from integration.world import EARLIEST, until

# --- requests and retraining --------------------------------------------------------

_OPENS = "StartCommit", ATTEMPT, "{request}"
_RECORDS = *LEDGER, "Published", "{request}"


async def trained(world, **spec):
    """A training at rest, with one model."""
    await world.apply(**spec)
    commit = await world.push(digits=1)
    async with ForkedProcess(world):
        await world.decision(commit)
        await world.shows("UpToDate", active=[], pendingCommits=0)
    return commit


@pytest.mark.parametrize(
    ("fate", "words"),
    cases(
        ("it opens the attempt", ANY, _OPENS),
        ("it opens the model", EITHER, ("CreateBranch", PIN)),
        ("it records the model", EITHER, _RECORDS),
    ),
)
async def test_a_run_that_was_asked_for_is_made_once_when_killed_while(
    world, fate, words
):
    commit = await trained(world)
    await world.ask("noon")
    hold = await die_while(world, fate, *fill_in(words, request="noon"))
    async with ForkedProcess(world):
        await world.shows("UpToDate", active=[], lastHandledRequestAt="noon")
        await answered(world, 2)
        following = await live_again(world, commit, hold)

    await expect_all_well(world, commit, commit, following)
    assert ["", "noon", ""] == [model.request for model in await world.models()]


@pytest.mark.parametrize(
    ("fate", "words"),
    cases(
        ("it opens the attempt", EITHER, _OPENS),
    ),
)
async def test_a_commit_is_trained_once_more_for_a_new_trainer_when_killed_while(
    world, fate, words
):
    commit = await trained(world, onSpecChange="RetrainLatest")
    await world.change(trainer={"parameters": {"epochs": 2}})
    hold = await die_while(world, fate, *fill_in(words, request="spec:"))
    async with ForkedProcess(world):
        await answered(world, 2)
        following = await live_again(world, commit, hold)

    await expect_all_well(world, commit, commit, following)
    first, second, third = await world.models()
    assert first.spec != second.spec == third.spec
    assert second.request.startswith("spec:")


async def answered(world, count):
    async def look():
        return len((await world.ledger()).recent) == count

    await until(look, f"{count} decisions")


# --- what is kept, and for whom -----------------------------------------------------


@pytest.mark.parametrize(
    ("fate", "words"),
    cases(("it deletes an old TFJob", EITHER, ("DELETE", "/tfjobs/"))),
)
async def test_old_tfjobs_go_after_their_record_when_killed_while(world, fate, words):
    await world.apply(successfulRunsHistoryLimit=1, trigger=EARLIEST)
    first, second = await world.push(digits=1), await world.push(digits=2)
    hold = await die_while(world, fate, *words)
    async with ForkedProcess(world):
        following = await live_again(world, second, hold)
        await until(lambda: one_left(world), "the newest TFJob alone")

    await expect_all_well(world, first, second, following, jobs=1)


async def one_left(world):
    return 1 == len(await world.jobs())


@pytest.mark.parametrize(
    ("fate", "words"), cases(("it lets go of a TFJob", EITHER, ("PATCH", "/tfjobs/")))
)
async def test_a_run_that_is_to_outlive_its_training_does_when_killed_while(
    world, fate, words
):
    await world.apply()
    gate = world.folder / "gate"
    async with ForkedProcess(world) as operator:
        commit = await world.push(digits=1, wait_for=str(gate))
        await reached(gate)
        hold = world.holds.add(fate, *words)
        await world.change(deletionPolicy="Orphan")
        await die_under(world, operator, hold)
    async with ForkedProcess(world):
        await until(lambda: is_free(world), "a TFJob without an owner")
        await world.delete()
    await world.apply(deletionPolicy="Orphan")
    gate.touch()
    async with ForkedProcess(world):
        following = await live_again(world, commit)

    await expect_all_well(world, commit, following)


async def is_free(world):
    (job,) = await world.jobs()
    return not job["metadata"].get("ownerReferences")


@pytest.mark.parametrize(
    ("fate", "words"),
    cases(
        ("it records the second failure", EITHER, (*LEDGER, "Failed", "{second}")),
    ),
)
async def test_a_queue_that_stops_stays_stopped_when_killed_while(world, fate, words):
    await world.apply(stopAfterFailures=2, trigger=EARLIEST)
    first, second = await world.push(exit=1), await world.push(exit=1, digits=2)
    third = await world.push(digits=3)
    hold = await die_while(world, fate, *fill_in(words, second=second))
    async with ForkedProcess(world):
        await world.shows("StoppedAfterFailures", pendingCommits=1, active=[])
        before = len(await world.jobs())
        await world.change(stopAfterFailures=0)
        following = await live_again(world, third, hold)

    assert 2 == before
    await expect_all_well(world, third, following, undone=[first, second], jobs=4)

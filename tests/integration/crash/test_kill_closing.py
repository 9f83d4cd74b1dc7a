"""kill -9 of the operator while a job trains, and when it closes the attempt."""

import pytest

from integration.crash.deaths import (
    die_while,
    expect_all_well,
    live_again,
    survive,
)
from integration.crash.forked import ForkedProcess
from integration.crash.holds import ANY, EITHER, Fate, cases
from integration.world import until

CASES = cases(
    ("it shows that the job runs", EITHER, ("PATCH", "/status", "TFJob mnist-")),
    ("it reads the log", EITHER[:1], ("GET", "/log?")),
    ("it writes the attempt's record", ANY, ("ModifyFile", "/record.json")),
    ("it closes the staging commit", ANY, ("FinishCommit", "mnist-operator/attempt")),
)


@pytest.mark.parametrize(("fate", "words"), CASES)
async def test_one_model_for_each_commit_when_killed_while(world, fate, words):
    commits = await survive(world, fate, *words)

    await expect_all_well(world, *commits)


async def test_a_job_that_trains_while_the_operator_is_killed_goes_on(world):
    await world.apply()
    go = world.folder / "go"
    first = await world.push(digits=1, wait_for=str(go))
    await die_while(world, Fate.DONE, "PATCH", "/status", "trains on input commit")
    async with ForkedProcess(world):
        await world.holds.seen("GET", "/pods?")
        go.touch()
        second = await live_again(world, first)

    await expect_all_well(world, first, second)


async def test_a_job_that_ends_while_no_operator_runs_is_published_later(world):
    await world.apply()
    go = world.folder / "go"
    first = await world.push(digits=1, wait_for=str(go))
    await die_while(world, Fate.DONE, "PATCH", "/status", "trains on input commit")
    go.touch()
    await until(lambda: _job_has_succeeded(world), "the end of the job")
    async with ForkedProcess(world):
        second = await live_again(world, first)

    await expect_all_well(world, first, second)


async def _job_has_succeeded(world):
    (job,) = await world.jobs()
    conditions = job.get("status", {}).get("conditions", [])
    return any(each["type"] == "Succeeded" for each in conditions)


async def test_what_is_pushed_while_no_operator_runs_is_trained_in_order(world):
    await world.apply()
    commits = [await world.push(digits=1)]
    await die_while(world, Fate.LOST, "ModifyFile", "/record.json")
    commits += [await world.push(digits=digits) for digits in (2, 3)]
    async with ForkedProcess(world):
        commits.append(await live_again(world, commits[-1]))

    await expect_all_well(world, *commits)

"""kill -9 of the operator in the middle of publishing, and after it."""

import pytest

from integration.crash.deaths import (
    die_while,
    expect_all_well,
    ledger_lines,
    live_again,
    survive,
)
from integration.crash.forked import ForkedProcess
from integration.crash.holds import ANY, EITHER, Fate, cases
from integration.world import OUTPUT, until

_FINISHED = 'name: "outputrepo"', "wait: FINISHED"
_PUBLISHED = "ledger.jsonl", "Published"
CASES = cases(
    ("it opens the output commit", ANY, ("StartCommit", "mnist-operator/model")),
    ("it fills the output commit", ANY, ("ModifyFile", "/lineage.json")),
    ("it finishes the output commit", ANY, ("FinishCommit", "mnist-operator/model")),
    ("it waits for the output commit", EITHER, ("InspectCommit", *_FINISHED)),
    ("it indexes the output commit", EITHER, ("EditMetadata",)),
    ("it appends to the ledger", ANY, ("ModifyFile", *_PUBLISHED)),
    ("it tells of the model", EITHER, ("POST", "/events", "ModelPublished")),
    ("it shows the model", EITHER, ("PATCH", "/status", "UpToDate")),
)


@pytest.mark.parametrize(("fate", "words"), CASES)
async def test_one_model_for_each_commit_when_killed_while(world, fate, words):
    commits = await survive(world, fate, *words)

    await expect_all_well(world, *commits)


async def test_a_line_that_the_ledger_gets_twice_counts_once(world):
    words = ("ModifyFile", "ledger.jsonl", "Published")

    commits = await survive(world, Fate.LATE, *words)

    lines = [line.get("commit") for line in await ledger_lines(world)]
    assert 2 == lines.count(commits[0])
    await expect_all_well(world, *commits)


async def test_killed_twice_in_one_life_of_a_commit(world):
    await world.apply()
    first = await world.push(digits=1)
    await die_while(world, Fate.DONE, "StartCommit", "mnist-operator/model")
    await die_while(world, Fate.DONE, "FinishCommit", "mnist-operator/model")
    async with ForkedProcess(world):
        second = await live_again(world, first)

    await expect_all_well(world, first, second)


async def test_killed_at_every_step_of_one_life_of_a_commit(world):
    await world.apply()
    first = await world.push(digits=1)
    for words in (
        ("StartCommit", "mnist-operator/attempt"),
        ("POST", "/tfjobs"),
        ("ModifyFile", "/record.json"),
        ("FinishCommit", "mnist-operator/attempt"),
        ("StartCommit", "mnist-operator/model"),
        ("ModifyFile", "/lineage.json"),
        ("ModifyFile", "ledger.jsonl", "Published"),
    ):
        await die_while(world, Fate.DONE, *words)
    async with ForkedProcess(world):
        second = await live_again(world, first)

    await expect_all_well(world, first, second)


async def test_an_output_commit_that_is_opened_too_late_is_given_up(world):
    await world.apply()
    first = await world.push(digits=1)
    hold = await die_while(world, Fate.LATE, "StartCommit", "mnist-operator/model")
    async with ForkedProcess(world):
        model = await world.model_of(first)
        await hold.deliver()

        async def is_back() -> bool:
            return model.commit == await world.pachyderm.branch_head_id(OUTPUT)

        await until(is_back, "the model as the head of the output branch")
        await expect_all_well(world, first)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("StartCommit", "mnist-operator/model"), id="opening"),
        pytest.param(("ModifyFile", "/lineage.json"), id="filling"),
        pytest.param(("FinishCommit", "mnist-operator/model"), id="finishing"),
    ],
)
async def test_a_rollout_in_the_middle_of_publishing_while(world, words):
    await world.apply()
    first = await world.push(digits=1)
    hold = world.holds.add(Fate.DONE, *words)
    async with ForkedProcess(world) as operator:
        await hold.reached.wait()
        await operator.stop()
    async with ForkedProcess(world):
        second = await live_again(world, first)

    await expect_all_well(world, first, second)

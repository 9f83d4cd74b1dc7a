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
from integration.crash.holds import ANY, EITHER, PIN, Fate, cases, fill_in
from integration.world import INPUT, OUTPUT, until
from mnist_operator.lineage import read_model

_FINISHED = 'name: "outputrepo"', "wait: FINISHED"
_PUBLISHED = "ledger.jsonl", "Published"
_PLAIN = {"output": {"provenance": "Metadata"}}
_FILLS = "ModifyFile", "/lineage.json"
_FINISHES = "FinishCommit", "mnist-operator/model"
_DECLARES = "CreateBranch", "provenance {", "team_mnist_staged"
_MOVES = "CreateBranch", 'name: "master"'


@pytest.mark.parametrize(
    ("fate", "words"),
    cases(
        ("it makes the pin", ANY, ("CreateBranch", PIN)),
        ("it opens the output commit", ANY, _DECLARES),
        ("it fills the output commit", ANY, _FILLS),
        ("it finishes the output commit", ANY, _FINISHES),
        ("it waits for the output commit", EITHER, ("InspectCommit", *_FINISHED)),
        ("it moves the output branch", ANY, _MOVES),
        ("it indexes the output commit", EITHER, ("EditMetadata",)),
        ("it appends to the ledger", ANY, ("ModifyFile", *_PUBLISHED)),
        ("it tells of the model", EITHER, ("POST", "/events", "ModelPublished")),
        ("it shows the model", EITHER, ("PATCH", "/status", "UpToDate")),
    ),
)
async def test_one_model_for_each_commit_when_killed_while(world, fate, words):
    commits = await survive(world, fate, *words)

    await expect_all_well(world, *commits)
    await expect_provenance(world, *commits)


@pytest.mark.parametrize(
    ("fate", "words"),
    cases(
        ("it opens the output commit", ANY, ("CreateBranch", PIN, "{second}")),
        ("it moves the output branch", ANY, _MOVES),
    ),
)
async def test_a_later_model_stands_on_the_one_before_when_killed_while(
    world, fate, words
):
    await world.apply()
    first = await world.push(digits=1)
    async with ForkedProcess(world):
        await world.model_of(first)
        await world.shows("UpToDate", active=[])
    second = await world.push(digits=2)
    hold = await die_while(world, fate, *fill_in(words, second=second))
    async with ForkedProcess(world):
        third = await live_again(world, second, hold)

    await expect_all_well(world, first, second, third)
    await expect_provenance(world, first, second, third)


@pytest.mark.parametrize(
    ("fate", "words"),
    cases(
        ("it opens the output commit", ANY, ("StartCommit", "mnist-operator/model")),
        ("it fills the output commit", ANY, _FILLS),
        ("it finishes the output commit", ANY, _FINISHES),
    ),
)
async def test_one_model_for_each_commit_without_a_pin_when_killed_while(
    world, fate, words
):
    commits = await survive(world, fate, *words, **_PLAIN)

    await expect_all_well(world, *commits)
    await expect_provenance(world)


async def expect_provenance(world, *commits):
    """What pachd itself says that each commit of the output branch was made of."""
    outputs = await world.commits()
    sources = [source for each in outputs for source in each.provenance]
    assert [(INPUT.repo, each) for each in commits] == sources


@pytest.mark.parametrize(
    ("before", "words"),
    [
        pytest.param("Metadata", ("StartCommit", "mnist-operator/model"), id="opened"),
        pytest.param("Metadata", _FINISHES, id="finished"),
        pytest.param("Native", _FILLS, id="filled with native provenance"),
        pytest.param("Native", _MOVES, id="shown with native provenance"),
    ],
)
async def test_the_other_provenance_is_chosen_after_a_death(world, before, words):
    after = "Native" if before == "Metadata" else "Metadata"
    await world.apply(output={"provenance": before})
    first = await world.push(digits=1)
    await die_while(world, Fate.DONE, *words)
    await world.change(output={"provenance": after})
    async with ForkedProcess(world):
        second = await live_again(world, first)
        await world.change(output={"provenance": before})
        third = await world.push(digits=3)
        await world.model_of(third)
        await world.shows("UpToDate", active=[])

    assert [first, second, third] == await world.trained()
    # Where pachd drops the first commit of all, an empty one takes its place.
    models = [each for each in await world.commits() if read_model(each)]
    natives = [bool(each.provenance) for each in models]
    assert [after == "Native", before == "Native"] == natives[1:]


async def test_a_line_that_the_ledger_gets_twice_counts_once(world):
    words = ("ModifyFile", "ledger.jsonl", "Published")

    commits = await survive(world, Fate.LATE, *words)

    lines = [line.get("commit") for line in await ledger_lines(world)]
    assert 2 == lines.count(commits[0])
    await expect_all_well(world, *commits)


async def test_killed_twice_in_one_life_of_a_commit(world):
    await world.apply()
    first = await world.push(digits=1)
    await die_while(world, Fate.DONE, *_DECLARES)
    await die_while(world, Fate.DONE, *_FINISHES)
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
        _DECLARES,
        _FILLS,
        _FINISHES,
        _MOVES,
        ("ModifyFile", "ledger.jsonl", "Published"),
    ):
        await die_while(world, Fate.DONE, *words)
    async with ForkedProcess(world):
        second = await live_again(world, first)

    await expect_all_well(world, first, second)


async def test_an_output_commit_that_is_opened_too_late_is_given_up(world):
    await world.apply(**_PLAIN)
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
        pytest.param(_DECLARES, id="opening"),
        pytest.param(_FILLS, id="filling"),
        pytest.param(_FINISHES, id="finishing"),
        pytest.param(_MOVES, id="showing"),
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

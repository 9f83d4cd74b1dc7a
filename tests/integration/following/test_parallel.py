"""concurrencyPolicy Allow: several runs at once, decided in the commits' order."""

import json

import pytest

from integration.following.scenes import (
    allow,
    at_rest,
    open_all,
    push_all,
    reached,
    slots,
    states,
)
from integration.stories import decisions
from integration.world import OUTPUT, RUNS
from mnist_operator.decisions import Decision


@pytest.mark.parametrize("count", [2, 3])
async def test_as_many_train_at_once_as_the_spec_allows_each_in_its_own_slot(
    world, operator, watch, gates, count
):
    await world.apply(**allow(count))
    pushed = await push_all(world, gates[: count + 1])
    await reached(*gates[:count])
    await states(world, *["Running"] * count)
    status = await world.shows("Training", pendingCommits=count + 1)
    together = await slots(world)

    gates[0].open()
    await gates[count].reached()
    open_all(gates)
    await at_rest(world, *pushed)

    assert {
        commit: [f"team_mnist_{place}"] for place, commit in enumerate(pushed[:count])
    } == together
    assert [(commit, "Running") for commit in pushed[:count]] == [
        (each["commit"], each["state"]) for each in status["active"]
    ]
    assert [*["Running"] * count, "Waiting"] == [q["state"] for q in status["queue"]]
    assert ["team_mnist_0"] == (await slots(world))[pushed[count]]
    assert count == watch.most
    assert pushed == await world.trained()


async def test_what_ends_before_its_turn_waits_and_is_published_in_order(
    world, operator, watch, gates
):
    await world.apply(**allow(2))
    pushed = await push_all(world, gates[:3])
    await reached(*gates[:2])

    gates[1].open()
    await states(world, "Running", "Trained")
    status = await world.status()
    before = await world.commits(), await world.entries()
    gates[0].open()
    await gates[2].reached()
    gates[2].open()
    await at_rest(world, *pushed)

    assert ([], []) == before
    assert ["Running", "Trained", "Waiting"] == [q["state"] for q in status["queue"]]
    assert (pushed, 2) == (await world.trained(), watch.most)


async def test_a_failure_is_recorded_before_the_model_of_the_commit_after_it(
    world, operator, gates
):
    await world.apply(**allow(2))
    bad = await world.push(exit=1, wait_for=str(gates[0]))
    good = await world.push(digits=1, wait_for=str(gates[1]))
    await reached(*gates[:2])

    gates[1].open()
    await states(world, "Running", "Trained")
    gates[0].open()
    await at_rest(world, bad, good)

    assert [Decision.FAILED, Decision.PUBLISHED] == [
        each.decision for each in await world.entries()
    ]
    assert [good] == await world.trained()


async def test_a_failure_that_came_first_in_time_waits_for_its_turn(
    world, operator, gates
):
    await world.apply(**allow(2))
    good = await world.push(digits=1, wait_for=str(gates[0]))
    bad = await world.push(exit=1, wait_for=str(gates[1]))
    await reached(*gates[:2])

    gates[1].open()
    await states(world, "Running", "Failed")
    before = await world.entries()
    gates[0].open()
    await at_rest(world, good, bad)

    assert [] == before
    assert "False" == (await world.reason("TrainingFailed"))["status"]


async def test_a_second_attempt_of_the_first_goes_before_the_model_of_the_second(
    world, operator, watch, gates, gate
):
    await world.apply(**allow(2, attempts={"backoffSeconds": 3600}))
    again = await world.push(exit=137, unless=str(gate), wait_for=str(gates[0]))
    after = await world.push(digits=1, wait_for=str(gates[1]))
    third = await world.push(digits=2, wait_for=str(gates[2]))
    await reached(*gates[:2])

    open_all(gates[:2])
    first, second = await states(world, "Retrying", "Trained")
    ready = await world.reason("Retrying")
    before = await world.entries()
    gate.open()
    await world.change(attempts={"backoffSeconds": 0})
    await gates[2].reached()
    gates[2].open()
    await at_rest(world, again, after, third)

    assert (again, after) == (first["commit"], second["commit"])
    assert "TrainerKilled" in ready["message"]
    assert "Next attempt at" in ready["message"]
    assert [] == before
    assert ["team_mnist_0"] * 2 == (await slots(world))[again]
    assert [2, 1, 1] == [model.attempt for model in await world.models()]
    assert 2 == watch.most


async def test_a_commit_with_an_error_is_recorded_between_two_that_run(
    world, operator, gates
):
    await world.apply(**allow(3))
    first = await world.push(digits=1, wait_for=str(gates[0]))
    broken = await world.push(error="half of it is missing")
    third = await world.push(digits=3, wait_for=str(gates[1]))
    await reached(*gates[:2])

    gates[1].open()
    await states(world, "Running", "Trained")
    gates[0].open()
    await at_rest(world, first, broken, third)

    assert [
        (first, "Published"),
        (broken, "InputErrored"),
        (third, "Published"),
    ] == await decisions(world)


async def test_data_that_is_under_way_already_is_not_trained_beside_itself(
    world, operator, watch, gates
):
    await world.apply(**allow(3))
    first = await world.push(digits=1, wait_for=str(gates[0]))
    same = await world.push(digits=1, wait_for=str(gates[0]))
    third = await world.push(digits=3, wait_for=str(gates[1]))
    await reached(*gates[:2])
    open_all(gates)
    await at_rest(world, first, same, third)

    skipped = (await world.entries())[1]
    assert (same, "ContentUnchanged") == (skipped.commit, skipped.reason)
    assert first in skipped.message
    assert [first, third] == watch.commits


async def test_data_that_failed_under_way_is_tried_again_as_the_next_commit(
    world, operator, watch, gates
):
    await world.apply(**allow(2))
    asked = {"exit": 1, "wait_for": str(gates[0])}
    first, same = await world.push(**asked), await world.push(**asked)
    await gates[0].reached()
    await world.shows(pendingCommits=2)
    gates[0].open()
    await at_rest(world, first, same)

    assert [first, same] == watch.commits
    assert [Decision.FAILED] * 2 == [e.decision for e in await world.entries()]


async def test_each_of_several_runs_is_told_by_its_own_attempt(world, operator, gates):
    """attempt.json, TFJob and output commit of a slot name one and the same commit."""
    await world.apply(**allow(3))
    pushed = await push_all(world, gates[:3])
    await reached(*gates[:3])
    open_all(reversed(gates[:3]))
    await at_rest(world, *pushed)

    for model in await world.models():
        from_run = await world.content(RUNS, model.run, "/attempt.json")
        assert model.input_commit == from_run["input"]["commit"]
        written = await world.pachyderm.read(OUTPUT.repo, model.commit, "/my_model.h5")
        digits = json.loads(written.removeprefix(b"model of "))["digits"]
        assert model.input_commit == pushed[digits]

"""What holds runs for a while: spec.suspend, and the wait before another attempt."""

import re

from integration.following.scenes import (
    allow,
    at_rest,
    open_all,
    push_all,
    reached,
    states,
)
from integration.operators import InProcess
from integration.world import EARLIEST
from mnist_operator.decisions import Decision


async def test_suspending_lets_all_that_run_end_and_starts_nothing(
    world, operator, watch, gates
):
    await world.apply(**allow(2))
    pushed = await push_all(world, gates[:4])
    await reached(*gates[:2])
    await world.change(suspend=True)
    await world.shows(observedGeneration=2)
    open_all(gates)
    await world.shows("Suspended", pendingCommits=2, active=[])
    before = list(watch.commits), await world.trained()
    await world.change(suspend=False)
    await at_rest(world, *pushed)

    assert (pushed[:2], pushed[:2]) == before
    assert pushed == await world.trained()


async def test_suspending_holds_a_second_attempt_and_resuming_makes_it(
    world, operator, watch, gate
):
    await world.apply(attempts={"backoffSeconds": 3600})
    commit = await world.push(exit=137, unless=str(gate))
    await world.reason("Retrying")
    gate.open()
    await world.change(suspend=True, attempts={"backoffSeconds": 0})
    shown = await world.shows("Suspended", pendingCommits=1)
    before = list(watch.commits)
    await world.change(suspend=False)
    await at_rest(world, commit)

    assert ["Retrying"] == [each["state"] for each in shown["active"]]
    assert [commit] == before
    assert [2] == [model.attempt for model in await world.models()]


async def test_suspending_records_the_failure_of_the_run_under_way(
    world, operator, watch, gate
):
    await world.apply()
    commit = await world.push(exit=1, wait_for=str(gate))
    await gate.reached()
    await world.change(suspend=True)
    await world.shows(observedGeneration=2)
    gate.open()
    await world.shows("Suspended", pendingCommits=0, active=[])

    (entry,) = await world.entries()
    assert (commit, Decision.FAILED) == (entry.commit, entry.decision)
    assert "False" == (await world.condition("Ready"))["status"]


async def test_a_suspended_training_waits_under_an_operator_that_comes_again(
    world, watch, gate
):
    async with InProcess(world):
        await world.apply()
        first = await world.push(digits=1, wait_for=str(gate))
        await gate.reached()
        await world.change(suspend=True)
        await world.shows(observedGeneration=2)
    gate.open()
    second, third = [await world.push(digits=digits) for digits in (2, 3)]

    async with InProcess(world):
        await world.model_of(first)
        await world.shows("Suspended", pendingCommits=2, active=[])
        before = list(watch.commits)
        await world.change(suspend=False)
        await at_rest(world, first, second, third)

    assert [first] == before
    assert [first, second, third] == await world.trained()


async def test_a_backoff_tells_when_it_ends_and_holds_nobody_beside_it(
    world, operator, watch, gates
):
    await world.apply(**allow(3, attempts={"backoffSeconds": 3600}))
    waits = await world.push(exit=137)
    goes_on = [await world.push(digits=digits) for digits in (1, 2)]
    await states(world, "Retrying", "Trained", "Trained")
    ready = await world.reason("Retrying")

    assert [waits, *goes_on] == watch.commits
    assert f"Attempt 1 of 3 for {waits} failed" in ready["message"]
    assert re.search(r"Next attempt at \d\d:\d\d:\d\d UTC", ready["message"])
    assert "True" == (await world.condition("Reconciling"))["status"]
    assert [] == await world.trained()


async def test_a_backoff_ends_by_itself_and_the_queue_goes_on_in_order(
    world, operator, watch
):
    await world.apply(
        trigger=EARLIEST,
        attempts={"limit": 2, "backoffSeconds": 1},
        stopAfterFailures=0,
    )
    failed = await world.push(exit=137)
    following = await world.push(digits=1)
    await at_rest(world, failed, following)

    assert 2 == len(await world.told("AttemptFailed"))
    assert [failed, failed, following] == watch.commits
    assert [following] == await world.trained()

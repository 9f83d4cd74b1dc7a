"""concurrencyPolicy Allow while the spec changes, or the operator does."""

from integration.following.scenes import (
    allow,
    at_rest,
    open_all,
    push_all,
    reached,
    slots,
    states,
)
from integration.operators import InProcess
from integration.world import EARLIEST


async def test_fewer_at_once_from_the_middle_on_stops_none_that_runs(
    world, operator, watch, gates
):
    await world.apply(**allow(3))
    pushed = await push_all(world, gates)
    await reached(*gates[:3])

    await world.change(maxParallel=1)
    await world.shows(observedGeneration=2)
    open_all(gates[:3])
    await gates[3].reached()
    watch.begin_anew()
    gates[3].open()
    await gates[4].reached()
    gates[4].open()
    await at_rest(world, *pushed)

    assert (5, 1) == (len(await world.jobs()), watch.most)
    assert {1} == {model.attempt for model in await world.models()}


async def test_forbid_from_the_middle_on_lets_those_end_that_run(
    world, operator, watch, gates
):
    await world.apply(**allow(2))
    pushed = await push_all(world, gates[:4])
    await reached(*gates[:2])

    await world.change(concurrencyPolicy="Forbid")
    await world.shows(observedGeneration=2)
    gates[1].open()
    await states(world, "Running", "Trained")
    gates[0].open()
    await gates[2].reached()
    watch.begin_anew()
    open_all(gates)
    await at_rest(world, *pushed)

    assert (4, 1) == (len(await world.jobs()), watch.most)


async def test_forbid_from_the_middle_on_lets_no_second_attempt_in_beside_a_run(
    world, operator, watch, gates, gate
):
    patient = {"attempts": {"backoffSeconds": 3600}}
    await world.apply(**allow(2, **patient))
    first = await world.push(digits=1, wait_for=str(gates[0]))
    again = await world.push(exit=137, unless=str(gate), wait_for=str(gates[1]))
    await reached(*gates[:2])
    gates[1].open()
    await states(world, "Running", "Retrying")

    gate.open()
    await world.change(concurrencyPolicy="Forbid", attempts={"backoffSeconds": 0})
    await world.shows(observedGeneration=2)
    watch.begin_anew()
    gates[0].open()
    await at_rest(world, first, again)

    assert (3, 1) == (len(await world.jobs()), watch.most)
    assert [1, 2] == [model.attempt for model in await world.models()]


async def test_more_at_once_from_the_middle_on_starts_what_waits(
    world, operator, watch, gates
):
    await world.apply(trigger=EARLIEST)
    pushed = await push_all(world, gates[:3])
    await gates[0].reached()

    await world.change(concurrencyPolicy="Allow", maxParallel=3)
    await reached(*gates[1:3])
    together = await slots(world)
    open_all(gates)
    await at_rest(world, *pushed)

    assert ["team_mnist_0", "team_mnist_1", "team_mnist_2"] == sorted(
        slot for used in together.values() for slot in used
    )
    assert 3 == watch.most


async def test_an_operator_that_comes_again_finds_the_runs_of_every_slot(
    world, watch, gates
):
    async with InProcess(world):
        await world.apply(**allow(3))
        pushed = await push_all(world, gates[:4])
        await reached(*gates[:3])
        before = (await world.shows("Training", pendingCommits=4))["active"]
    gates[1].open()

    async with InProcess(world):
        after = await states(world, "Running", "Trained", "Running")
        open_all(gates)
        await at_rest(world, *pushed)

    assert [each["run"] for each in before] == [each["run"] for each in after]
    assert (4, 3) == (len(await world.jobs()), watch.most)
    assert 4 == len(await world.told("RunStarted"))


async def test_an_operator_that_comes_again_with_fewer_slots_forgets_no_run(
    world, watch, gates
):
    async with InProcess(world):
        await world.apply(**allow(3))
        pushed = await push_all(world, gates[:4])
        await reached(*gates[:3])
    await world.change(concurrencyPolicy="Forbid")

    async with InProcess(world):
        await world.shows("Training", observedGeneration=2)
        runs = (await world.status())["active"]
        open_all(gates)
        await at_rest(world, *pushed)

    assert pushed[:3] == [each["commit"] for each in runs]
    assert (4, 3) == (len(await world.jobs()), watch.most)

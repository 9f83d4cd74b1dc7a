"""Too many failures in a row: the queue is held and kept, and what lets it go on."""

from integration.following.scenes import allow, at_rest, reached, states
from integration.operators import InProcess
from integration.world import EARLIEST, TRAININGS
from mnist_operator.decisions import Decision

TWICE = {"stopAfterFailures": 2, "trigger": EARLIEST}
STOPPED = "StoppedAfterFailures"


async def fail(world, count, **data):
    """Push so many commits on which every trainer fails."""
    return [await world.push(exit=1, digits=d, **data) for d in range(count)]


async def test_so_many_failures_in_a_row_stop_the_queue_and_keep_it(
    world, operator, watch
):
    await world.apply(**TWICE)
    failed = await fail(world, 2)
    ready = await world.reason(STOPPED)
    waiting = [await world.push(digits=digits) for digits in (3, 4)]
    queue = [{"commit": commit, "state": "Waiting"} for commit in waiting]
    status = await world.shows(STOPPED, pendingCommits=2, queue=queue)

    stalled = await world.condition("Stalled")
    shown = await world.condition("Ready")
    assert ("False", "True") == (ready["status"], stalled["status"])
    assert "2 commits failed in a row" in shown["message"]
    assert "2 commits wait" in shown["message"]
    assert "any change of the spec goes on" in shown["message"]
    assert "mnistctl retrain team/mnist" in shown["message"]
    assert [] == status["active"]
    assert failed == watch.commits
    assert failed == [entry.commit for entry in await world.entries()]


async def test_a_stop_outlives_the_operator(world, watch):
    async with InProcess(world):
        await world.apply(**TWICE)
        failed = await fail(world, 3)
        await world.reason(STOPPED)
    nothing = {"status": dict.fromkeys(await world.status())}
    await world.kube.call("PATCH", f"{TRAININGS}/mnist/status", nothing)

    async with InProcess(world):
        await world.shows(STOPPED, pendingCommits=1)
        last = await world.push(digits=9)
        await world.shows(STOPPED, pendingCommits=2, head=last)

    assert failed[:2] == watch.commits


async def test_a_change_of_the_spec_goes_on_with_the_queue_in_order(world, operator):
    await world.apply(**TWICE)
    failed = await fail(world, 2)
    await world.reason(STOPPED)
    waiting = [await world.push(digits=digits) for digits in (3, 4)]
    await world.shows(STOPPED, pendingCommits=2)

    await world.change(trainer={"parameters": {"epochs": 2}})
    await at_rest(world, *failed, *waiting)

    assert waiting == await world.trained()
    assert "False" == (await world.condition("Stalled"))["status"]


async def test_a_change_that_cures_nothing_stops_again_after_as_many(
    world, operator, watch
):
    await world.apply(**TWICE)
    failed = await fail(world, 5)
    await world.shows(STOPPED, pendingCommits=3)

    await world.change(trainer={"parameters": {"epochs": 2}})
    await world.shows(STOPPED, pendingCommits=1)

    assert failed[:4] == watch.commits


async def test_a_requested_run_that_ends_well_goes_on_with_the_queue(
    world, operator, watch
):
    await world.apply(**TWICE)
    failed = await fail(world, 2)
    await world.reason(STOPPED)
    third = await world.push(digits=3)
    newest = await world.push(digits=4)
    await world.shows(STOPPED, pendingCommits=2)

    await world.ask("noon")
    await at_rest(world, *failed, newest, third, lastHandledRequestAt="noon")

    requests = [entry.request for entry in await world.entries()]
    assert ["", "", "noon", ""] == requests
    assert [newest, third] == await world.trained()
    assert [*failed, newest, third] == watch.commits


async def test_a_requested_run_that_fails_counts_as_the_first_of_a_new_row(
    world, operator, watch
):
    await world.apply(**TWICE)
    failed = await fail(world, 2)
    await world.reason(STOPPED)
    more = await fail(world, 3, again=True)
    await world.shows(STOPPED, pendingCommits=3)

    await world.ask("noon", more[0])
    await world.shows(STOPPED, pendingCommits=1, lastHandledRequestAt="noon")

    assert [*failed, *more[:2]] == watch.commits
    assert [Decision.FAILED] * 4 == [e.decision for e in await world.entries()]


async def test_a_model_in_between_ends_the_row(world, operator, watch):
    await world.apply(**TWICE)
    pushed = await fail(world, 1)
    pushed.append(await world.push(digits=1))
    pushed += await fail(world, 1)
    pushed.append(await world.push(digits=2))
    pushed += await fail(world, 3)
    await world.shows(STOPPED, pendingCommits=1)

    assert pushed[:-1] == watch.commits
    assert 2 == len(await world.trained())


async def test_a_skip_in_between_does_not_end_the_row(world, operator, watch):
    await world.apply(**TWICE)
    (first,) = await fail(world, 1)
    broken = await world.push(error="half of it is missing")
    (second,) = await fail(world, 1, again=True)
    third = await world.push(digits=1)
    await world.shows(STOPPED, pendingCommits=1)

    assert [first, second] == watch.commits
    assert [first, broken, second] == [e.commit for e in await world.entries()]
    assert third not in await world.trained()


async def test_without_a_limit_nothing_is_ever_stopped(world, operator, watch):
    await world.apply(trigger=EARLIEST, stopAfterFailures=0)
    pushed = await fail(world, 4)
    await at_rest(world, *pushed)

    assert pushed == watch.commits


async def test_with_allow_the_runs_under_way_end_and_no_other_is_started(
    world, operator, watch, gates
):
    await world.apply(**allow(3, stopAfterFailures=2))
    pushed = [
        await world.push(wait_for=str(gates[0]), exit=1),
        await world.push(wait_for=str(gates[1]), exit=1),
        await world.push(wait_for=str(gates[2]), digits=1),
        await world.push(digits=2),
    ]
    await reached(*gates[:3])
    gates[1].open()
    await states(world, "Running", "Failed", "Running")
    gates[0].open()
    # Two places are free now, but the third run may still end the row.
    queue = [
        {"commit": pushed[2], "state": "Running"},
        {"commit": pushed[3], "state": "Waiting"},
    ]
    await world.shows("Training", queue=queue)
    before = list(watch.commits)
    gates[2].open()
    await at_rest(world, *pushed)

    assert pushed[:3] == before
    assert pushed[2:] == await world.trained()

"""A quiet period: while a branch is pushed to, nothing is started.

What must not end by itself gets an hour of quiet, and the spec is changed to end it:
nothing here depends on how fast the machine is.
"""

from datetime import timedelta

import pytest

from integration.operators import InProcess
from integration.stories import assert_one_story, decisions, push_some, settled
from integration.world import EARLIEST, INPUT, RUNS, TFJOBS, until

HOUR = {"debounceSeconds": 3600}


async def noisy(world, mode, *digits):
    """Pushes that are too fresh to be trained, and what is said about them."""
    await world.apply(trigger=EARLIEST | HOUR | {"mode": mode})
    pushed = await push_some(world, *digits)
    queue = [{"commit": each, "state": "Waiting"} for each in pushed]
    await world.shows("WaitingForQuiet", queue=queue)
    assert [] == await world.jobs()
    return pushed


async def test_while_it_is_not_quiet_nothing_is_started_and_this_is_told(
    world, operator
):
    await noisy(world, "EveryCommit", 1, 2)
    ready, busy = await world.condition(), await world.condition("Reconciling")

    assert "spec.trigger.debounceSeconds" in ready["message"]
    assert "2 commits wait" in ready["message"]
    assert ("Unknown", "True") == (ready["status"], busy["status"])
    assert [] == await world.events()


async def test_after_a_burst_the_newest_alone_is_trained(world, operator):
    *others, newest = await noisy(world, "LatestOnly", 1, 2, 3)
    await world.change(trigger={"debounceSeconds": 0})
    await settled(world, newest)

    assert [
        *((each, "Superseded") for each in others),
        (newest, "Published"),
    ] == await decisions(world)
    assert 1 == len(await world.jobs())
    await assert_one_story(world)


async def test_after_a_burst_every_commit_is_trained_where_that_is_asked(
    world, operator
):
    pushed = await noisy(world, "EveryCommit", 1, 2, 3)
    await world.change(trigger={"debounceSeconds": 0})
    await settled(world, pushed[-1])

    assert pushed == await world.trained()
    await assert_one_story(world)


async def test_a_request_is_answered_at_once_and_those_before_it_wait_on(
    world, operator
):
    oldest, *middle, newest = await noisy(world, "EveryCommit", 1, 2, 3)
    await world.ask("now")
    await world.model_of(newest)
    queue = [{"commit": each, "state": "Waiting"} for each in (oldest, *middle)]
    quiet = await world.shows(
        "WaitingForQuiet", lastHandledRequestAt="now", active=[], queue=queue
    )
    alone = await world.trained()
    await world.change(trigger={"debounceSeconds": 0})
    await world.shows("UpToDate", pendingCommits=0)

    assert [newest] == alone
    assert newest == quiet["lastTrainedCommit"]
    assert [newest, oldest, *middle] == await world.trained()
    await assert_one_story(world)


@pytest.mark.parametrize("mode", ["EveryCommit", "LatestOnly"])
async def test_a_run_begins_by_itself_once_it_was_quiet_for_so_long(
    world, operator, mode
):
    await world.apply(trigger=EARLIEST | {"debounceSeconds": 2, "mode": mode})
    commit = await world.push(digits=1)
    model = await world.model_of(commit)
    finished = (await world.pachyderm.commit(INPUT.repo, commit)).finished
    began = (await world.pachyderm.commit(RUNS, model.run)).started

    assert began - finished >= timedelta(seconds=2)
    await settled(world, commit)
    await assert_one_story(world)


async def test_who_is_still_writing_keeps_it_from_being_quiet(world):
    finished = await world.push(digits=1)
    world.age(finished)
    writing = await world.open_commit(digits=2)

    async with InProcess(world):
        await world.apply(trigger=EARLIEST | {"debounceSeconds": 1})
        states = [(finished, "Waiting"), (writing, "Open")]
        queue = [{"commit": commit, "state": state} for commit, state in states]
        await world.shows("WaitingForQuiet", queue=queue)
        assert [] == await world.jobs()
        await world.pachyderm.finish_commit(INPUT.repo, writing)
        await settled(world, writing)
        await assert_one_story(world)

    assert [finished, writing] == await world.trained()


async def test_a_push_during_a_run_lets_that_run_end(world, gate):
    async with InProcess(world):
        await world.apply(trigger=EARLIEST | {"mode": "LatestOnly"})
        first = await world.push(digits=1, wait_for=str(gate))
        await gate.reached()
        await world.change(trigger=HOUR)
        second = await world.push(digits=2)
        await world.shows("Training", pendingCommits=2)
        gate.open()
        await world.shows("WaitingForQuiet", pendingCommits=1, active=[])
    world.age(second)

    async with InProcess(world):
        await settled(world, second)

    assert [first, second] == await world.trained()


async def test_a_restart_does_not_begin_the_quiet_period_anew(world):
    async with InProcess(world):
        pushed = await noisy(world, "EveryCommit", 1)
    world.age(*pushed)

    async with InProcess(world):
        await settled(world, pushed[-1])
        await assert_one_story(world)


async def test_a_failure_is_tried_again_though_it_is_not_quiet(world, operator, gate):
    await world.apply(trigger=EARLIEST, attempts={"limit": 2, "backoffSeconds": 0})
    data = {"wait_for": str(gate), "exit": 137, "unless": str(gate)}
    first = await world.push(**data)
    await gate.reached()
    await world.change(trigger=HOUR)
    await world.push(digits=2)
    (job,) = await world.jobs()
    await world.kube.call("DELETE", f"{TFJOBS}/{job['metadata']['name']}")
    await gate.reached()
    gate.open()
    model = await world.model_of(first)

    await world.shows("WaitingForQuiet", pendingCommits=1)
    assert 2 == model.attempt


async def test_suspended_is_said_before_all_else(world, operator):
    await noisy(world, "EveryCommit", 1)
    await world.change(suspend=True)

    async def said():
        return "1 commit" in (await world.reason("Suspended"))["message"]

    await until(said, "what is suspended")

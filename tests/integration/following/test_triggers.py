"""Which commits are trained when pushes come faster than training."""

from functools import partial

import pytest

from integration.operators import InProcess, Process
from integration.stories import assert_one_story, decisions, push_some, settled
from integration.world import EARLIEST, INPUT, until
from mnist_operator.tfjob import COMMIT_LABEL

LATEST_ONLY = {"mode": "LatestOnly", "startFrom": "Earliest"}


async def busy(world, gate, **spec):
    """A training of the newest alone, busy with a first commit until the gate opens."""
    await world.apply(**({"trigger": LATEST_ONLY} | spec))
    commit = await world.push(digits=0, wait_for=str(gate))
    await gate.reached()
    return commit


async def trained_commits(world):
    """The commits that TFJobs were made for."""
    return [job["metadata"]["labels"][COMMIT_LABEL] for job in await world.jobs()]


async def test_of_pushes_during_a_run_only_the_newest_is_trained(world, operator, gate):
    first = await busy(world, gate)
    *middle, newest = await push_some(world, 1, 2, 3, 4)
    queue = {first: "Running"} | dict.fromkeys([*middle, newest], "Waiting")
    await world.shows(queue=[{"commit": c, "state": s} for c, s in queue.items()])
    gate.open()
    await settled(world, newest)
    told = await world.told("CommitSkipped")

    assert [first, newest] == await world.trained()
    assert [first, newest] == await trained_commits(world)
    assert [
        (first, "Published"),
        *((commit, "Superseded") for commit in middle),
        (newest, "Published"),
    ] == await decisions(world)
    batch = f"3 input commits, {middle[0]} to {middle[-1]}: Superseded"
    assert [f"{batch}: Input commit {newest} took its place."] == told
    await assert_one_story(world)


async def test_with_every_commit_none_is_superseded(world, operator, gate):
    first = await busy(world, gate, trigger=EARLIEST)
    others = await push_some(world, 1, 2, 3)
    await world.shows(pendingCommits=4)
    gate.open()
    await settled(world, others[-1])

    assert [first, *others] == await world.trained()
    assert [] == await world.told("CommitSkipped")
    await assert_one_story(world)


async def test_a_burst_while_the_operator_is_down_is_trained_once(world):
    async with InProcess(world):
        await world.apply(trigger=LATEST_ONLY)
        first = await world.push(digits=0)
        await settled(world, first)
    missed = await push_some(world, 1, 2, 3)

    async with InProcess(world):
        await settled(world, missed[-1])
        await assert_one_story(world)

    assert [first, missed[-1]] == await world.trained()


async def test_a_newest_commit_that_fails_is_recorded_like_any_other(
    world, operator, gate
):
    first = await busy(world, gate)
    middle = await world.push(digits=1)
    newest = await world.push(exit=1, say="no images")
    await world.shows(pendingCommits=3)
    gate.open()
    await settled(world, newest, "TrainingFailed")
    status = await world.status()

    assert [
        (first, "Published"),
        (middle, "Superseded"),
        (newest, "TrainerFailed"),
    ] == (await decisions(world))
    assert first == status["lastTrainedCommit"]
    assert [first] == await world.trained()
    await assert_one_story(world)


async def test_a_failure_is_not_tried_again_when_a_newer_commit_is_there(
    world, operator
):
    await world.apply(
        trigger=LATEST_ONLY, attempts={"limit": 3, "backoffSeconds": 3600}
    )
    failed = await world.push(exit=137)
    retrying = await world.reason("Retrying")
    newest = await world.push(digits=1)
    await settled(world, newest)
    entry = await world.decision(failed)

    assert failed in retrying["message"]
    assert [(failed, "Superseded"), (newest, "Published")] == await decisions(world)
    assert f"Attempt 1 failed, and {newest} takes its place." == entry.message
    assert (1, entry.tfjob) == (entry.attempt, (await told_of(world, failed)))
    await assert_one_story(world)


async def told_of(world, commit):
    """The TFJob that an Event names for a commit."""
    (message,) = [m for m in await world.told("RunStarted") if commit in m]
    return message.split()[1]


async def test_a_newest_that_is_still_written_supersedes_nothing(world, operator, gate):
    first = await busy(world, gate)
    second = await world.push(digits=1)
    writing = await world.open_commit(digits=2)
    await world.shows(pendingCommits=3)
    gate.open()
    await world.model_of(second)
    await world.pachyderm.finish_commit(INPUT.repo, writing)
    await settled(world, writing)

    assert [first, second, writing] == await world.trained()
    await assert_one_story(world)


async def test_a_broken_commit_in_the_middle_is_told_as_such(world, operator, gate):
    first = await busy(world, gate)
    one = await world.push(digits=1)
    broken = await world.push(error="the upload broke off")
    two, newest = await push_some(world, 2, 3)
    await world.shows(pendingCommits=5)
    gate.open()
    await settled(world, newest)

    assert [
        (first, "Published"),
        (one, "Superseded"),
        (broken, "InputErrored"),
        (two, "Superseded"),
        (newest, "Published"),
    ] == await decisions(world)
    await assert_one_story(world)


@pytest.mark.parametrize("moment", ["jobs", "entries", "models"])
async def test_kills_during_bursts_lose_nothing_and_repeat_nothing(world, moment):
    pushed = []
    look = getattr(world, moment)

    async def more(than):
        return len(await look()) > than

    async with Process(world) as operator:
        await world.apply(trigger=LATEST_ONLY)
        for burst in range(3):
            before = len(await look())
            pushed += await push_some(world, burst, burst + 10)
            await until(partial(more, before), f"more {moment}")
            await operator.kill()
            pushed += await push_some(world, burst + 20, burst + 30)
            await operator.start()
        await settled(world, pushed[-1])

    assert pushed == [commit for commit, _ in await decisions(world)]
    assert pushed[-1] == (await world.trained())[-1]
    await assert_one_story(world, with_events=False)

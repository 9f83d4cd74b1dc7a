"""Commits whose turn comes too late: recorded as expired, and not trained."""

from integration.operators import InProcess
from integration.stories import assert_one_story, decisions, settled
from integration.world import EARLIEST, INPUT

MINUTES = {"startingDeadlineSeconds": 600, "trigger": EARLIEST}


async def suspended(world, *digits, **spec):
    """A training that was suspended for an hour, with what was pushed meanwhile."""
    async with InProcess(world):
        await world.apply(suspend=True, **(MINUTES | spec))
        old = [await world.push(digits=each) for each in digits]
        await world.shows("Suspended", pendingCommits=len(old))
    world.age(*old)
    return old


async def test_what_waited_too_long_is_expired_and_the_fresh_one_is_trained(world):
    old = await suspended(world, 1, 2)
    fresh = await world.push(digits=3)
    async with InProcess(world):
        await world.shows("Suspended", head=fresh, pendingCommits=3)
        untouched = await world.entries()
        await world.change(suspend=False)
        await settled(world, fresh)
        entry = await world.decision(old[0])
        events = [e for e in await world.events() if e["reason"] == "CommitSkipped"]
        await assert_one_story(world)

    assert [] == untouched
    assert [*((each, "Expired") for each in old), (fresh, "Published")] == (
        await decisions(world)
    )
    assert "Its turn did not come within 600 seconds." == entry.message
    assert ["Warning", "Warning"] == [each["type"] for each in events]
    assert 1 == len(await world.jobs())


async def test_without_a_deadline_none_expires(world):
    old = await suspended(world, 1, 2, startingDeadlineSeconds=None)
    async with InProcess(world):
        await world.change(suspend=False)
        await settled(world, old[-1])

    assert old == await world.trained()


async def test_the_newest_may_be_expired_like_all_others(world):
    old = await suspended(world, 1, 2)
    async with InProcess(world):
        await world.change(suspend=False)
        status = await settled(world, old[-1])
        ready = await world.condition()
        await assert_one_story(world)

    assert [(each, "Expired") for each in old] == await decisions(world)
    assert ("True", True) == (ready["status"], "Expired" in ready["message"])
    assert "" == status["lastTrainedCommit"]


async def test_with_latest_only_a_newest_that_expired_is_not_trained_either(world):
    old = await suspended(world, 1, 2, trigger=EARLIEST | {"mode": "LatestOnly"})
    async with InProcess(world):
        await world.change(suspend=False)
        await settled(world, old[-1])
        await assert_one_story(world)

    assert [(old[0], "Superseded"), (old[1], "Expired")] == await decisions(world)
    assert [] == await world.jobs()


async def test_a_longer_deadline_saves_what_still_waits(world):
    old = await suspended(world, 1)
    async with InProcess(world):
        await world.change(startingDeadlineSeconds=7200, suspend=False)
        await settled(world, old[-1])

    assert old == await world.trained()


async def test_what_expired_is_trained_on_request(world):
    (old,) = await suspended(world, 1)
    async with InProcess(world):
        await world.change(suspend=False)
        await settled(world, old)
        await world.ask("now", old)
        await world.shows("UpToDate", lastHandledRequestAt="now", active=[])
        await assert_one_story(world)

    assert [old] == await world.trained()


async def test_what_waits_behind_a_run_expires_and_the_run_ends_well(world, gate):
    async with InProcess(world):
        await world.apply(**MINUTES)
        first = await world.push(wait_for=str(gate))
        await gate.reached()
        behind = await world.push(digits=1)
        await world.shows("Training", pendingCommits=2)
    world.age(first, behind)

    async with InProcess(world):
        await world.shows("Training", pendingCommits=2)
        gate.open()
        await settled(world, behind)
        await assert_one_story(world)

    assert [(first, "Published"), (behind, "Expired")] == await decisions(world)


async def test_a_commit_is_as_old_as_its_finish(world):
    """Who writes for an hour does not push something old."""
    commit = await world.open_commit(digits=1)
    world.age(commit)
    async with InProcess(world):
        await world.apply(**MINUTES)
        await world.shows("WaitingForCommit", pendingCommits=1)
        await world.pachyderm.finish_commit(INPUT.repo, commit)
        await settled(world, commit)

    assert [commit] == await world.trained()

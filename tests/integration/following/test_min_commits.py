"""So many commits at once: the newest is trained when enough of them wait."""

from datetime import UTC, datetime

from integration.operators import InProcess
from integration.stories import assert_one_story, decisions, push_some, settled
from integration.world import RUNS, until
from mnist_operator.commits import Branch
from mnist_operator.decisions import SUPERSEDED, Decision, Entry, to_lines
from mnist_operator.ledger import LEDGER_FILE

THREE = {"mode": "LatestOnly", "startFrom": "Earliest", "minCommits": 3}


async def test_nothing_is_trained_before_enough_commits_wait(world, operator):
    await world.apply(trigger=THREE)
    pushed = await push_some(world, 1, 2)
    ready = await waits_for(world, "2 of 3")
    jobs = await world.jobs()
    pushed += await push_some(world, 3)
    await settled(world, pushed[-1])

    assert "spec.trigger.minCommits: 2 of 3 commits are there" in ready["message"]
    assert [] == jobs
    assert [pushed[-1]] == await world.trained()
    assert ["Superseded", "Superseded", "Published"] == [
        reason for _, reason in await decisions(world)
    ]
    await assert_one_story(world)


async def waits_for(world, count):
    """Wait until the conditions say how many commits there are of how many."""

    async def look():
        found = await world.condition()
        waits = found.get("reason") == "WaitingForCommits"
        return found if waits and count in found["message"] else None

    return await until(look, count)


async def test_the_count_begins_anew_with_each_run(world, operator):
    await world.apply(trigger=THREE)
    pushed = await push_some(world, 1, 2, 3)
    await world.model_of(pushed[2])
    pushed += await push_some(world, 4)
    ready = await waits_for(world, "1 of 3")
    pushed += await push_some(world, 5, 6)
    await settled(world, pushed[-1])

    assert "True" == ready["status"]
    assert [pushed[2], pushed[5]] == await world.trained()
    await assert_one_story(world)


async def test_the_count_outlives_the_operator(world):
    pushed = []
    for number in (1, 2):
        async with InProcess(world):
            if number == 1:
                await world.apply(trigger=THREE)
            pushed += await push_some(world, number)
            await waits_for(world, f"{number} of 3")
    pushed += await push_some(world, 3)

    async with InProcess(world):
        await settled(world, pushed[-1])
        assert [pushed[-1]] == await world.trained()
        await assert_one_story(world)


async def test_what_was_superseded_counts_when_the_newest_was_not_begun(world):
    """The record is written and the operator dies, before the newest is taken up."""
    async with InProcess(world):
        await world.apply(trigger=THREE)
        pushed = await push_some(world, 1, 2)
        await waits_for(world, "2 of 3")
    pushed += await push_some(world, 3)
    now, newest = datetime.now(UTC), pushed[-1]
    message = f"Input commit {newest} took its place."
    lines = to_lines(
        Entry(now, Decision.SKIPPED, commit, SUPERSEDED, message)
        for commit in pushed[:2]
    )
    await world.pachyderm.append(Branch(RUNS, "team_mnist_ledger"), LEDGER_FILE, lines)

    async with InProcess(world):
        await settled(world, newest)

    assert [newest] == await world.trained()
    assert 3 == len(await world.entries())

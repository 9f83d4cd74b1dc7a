"""When a run by hand has its turn, and what becomes of the commits that wait."""

import pytest

from integration.stories import answered, assert_one_story, requests, settled
from integration.world import EARLIEST, INPUT, until
from mnist_operator.decisions import Decision

MONDAY = "2026-03-30T08:00:00Z"
LATEST_ONLY = EARLIEST | {"mode": "LatestOnly"}


async def once_trained(world, **spec):
    """A training with the model of one commit."""
    await world.apply(**({"trigger": EARLIEST} | spec))
    commit = await world.push(digits=1)
    await settled(world, commit)
    return commit


async def test_a_request_waits_for_the_run_that_is_under_way(world, operator, gate):
    await world.apply(trigger=EARLIEST)
    first = await world.push(wait_for=str(gate))
    await gate.reached()
    queued = [await world.push(digits=each) for each in (1, 2)]
    await world.shows(pendingCommits=3)
    await world.ask(MONDAY, first)
    await world.push(digits=3)
    status = await world.shows("Training", pendingCommits=4, lastHandledRequestAt="")
    jobs = await world.jobs()
    gate.open()
    await answered(world, MONDAY)

    assert [""] == [each["request"] for each in status["active"]]
    assert 1 == len(jobs)
    assert [first, first, *queued] == (await world.trained())[:4]
    assert [(MONDAY, first, "Published")] == await requests(world)
    await assert_one_story(world)


async def look_again(world):
    """A change of the spec that no run sees, and a status that has seen it."""
    await world.change(attempts={"limit": 4})
    generation = (await world.status())["observedGeneration"]
    await world.shows(observedGeneration=generation + 1)


async def test_a_request_waits_while_suspended(world, operator):
    commit = await once_trained(world)
    await world.change(suspend=True)
    await world.reason("Suspended")
    await world.ask(MONDAY)
    await look_again(world)
    status = await world.status()
    jobs = await world.jobs()
    await world.change(suspend=False)
    await answered(world, MONDAY)

    assert ("", 1) == (status["lastHandledRequestAt"], len(jobs))
    assert [commit, commit] == await world.trained()
    await assert_one_story(world)


async def test_a_request_for_a_commit_that_waits_decides_it(world, operator, gate):
    await world.apply(trigger=EARLIEST)
    first = await world.push(wait_for=str(gate))
    await gate.reached()
    second, third = await world.push(digits=1), await world.push(digits=2)
    await world.shows(pendingCommits=3)
    await world.ask(MONDAY, third)
    gate.open()
    await answered(world, MONDAY)

    assert [first, third, second] == await world.trained()
    assert [(MONDAY, third, "Published")] == await requests(world)
    last = await world.push(digits=3)
    await settled(world, last)
    assert [first, third, second, last] == await world.trained()
    await assert_one_story(world)


async def test_with_runs_side_by_side_a_request_decides_a_commit_that_waits_too(
    world, operator, tmp_path
):
    gates = [tmp_path / name for name in ("one", "two", "three")]
    await world.apply(trigger=EARLIEST, concurrencyPolicy="Allow", maxParallel=2)
    first, second, third = [await world.push(wait_for=str(each)) for each in gates]
    await queued(world, first="Running", second="Running", third="Waiting")
    await world.ask(MONDAY, third)
    gates[0].touch()
    await world.shows(lastHandledRequestAt=MONDAY, pendingCommits=2)
    gates[1].touch()
    await world.model_of(second)
    await look_again(world)
    status = await world.shows("Training", pendingCommits=1)
    gates[2].touch()
    await answered(world, MONDAY)

    assert [(third, MONDAY)] == [
        (each["commit"], each["request"]) for each in status["active"]
    ]
    assert [first, second, third] == await world.trained()
    assert 3 == len(await world.jobs())
    await assert_one_story(world)


async def queued(world, **states):
    """Wait until the commits of the queue are in these states."""

    async def look():
        queue = (await world.status()).get("queue", [])
        return list(states.values()) == [each["state"] for each in queue]

    await until(look, f"a queue with {states}")


async def test_with_latest_only_a_request_is_not_superseded(world, operator, gate):
    await world.apply(trigger=LATEST_ONLY)
    first = await world.push(digits=1)
    await settled(world, first)
    held = await world.push(wait_for=str(gate))
    await gate.reached()
    waiting, newest = await world.push(digits=2), await world.push(digits=3)
    await world.shows(pendingCommits=3)
    await world.ask(MONDAY, first)
    gate.open()
    await answered(world, MONDAY)

    assert [first, held, first, newest] == await world.trained()
    assert (Decision.SKIPPED, "Superseded") == (
        (await world.decision(waiting)).decision,
        (await world.decision(waiting)).reason,
    )
    await assert_one_story(world)


@pytest.mark.parametrize(
    "hold",
    [
        pytest.param({"debounceSeconds": 3600}, id="not-quiet"),
        pytest.param({"minCommits": 3}, id="too-few"),
    ],
)
async def test_with_latest_only_nothing_older_is_trained_after_what_was_asked_for(
    world, operator, hold
):
    await world.apply(trigger=LATEST_ONLY | hold)
    older, newest = await world.push(digits=1), await world.push(digits=2)
    await world.shows(pendingCommits=2, head=newest)
    await world.ask(MONDAY)
    await answered(world, MONDAY)
    last = await world.push(digits=3)
    await world.change(trigger={"debounceSeconds": 0, "minCommits": 1})
    await settled(world, last)

    assert [newest, last] == await world.trained()
    assert (Decision.SKIPPED, "Superseded") == (
        (await world.decision(older)).decision,
        (await world.decision(older)).reason,
    )
    await assert_one_story(world)


async def test_a_superseded_commit_can_be_trained_on_request(world, operator, gate):
    await world.apply(trigger=LATEST_ONLY)
    await world.push(wait_for=str(gate))
    await gate.reached()
    middle, newest = await world.push(digits=1), await world.push(digits=2)
    await world.shows(pendingCommits=3)
    gate.open()
    await settled(world, newest)
    await world.ask(MONDAY, middle)
    await answered(world, MONDAY)

    assert [(MONDAY, middle, "Published")] == await requests(world)
    await assert_one_story(world)


async def test_after_a_rollback_the_request_is_about_the_older_head(world, operator):
    older = await once_trained(world)
    newer = await world.push(digits=2)
    await settled(world, newer)
    await world.pachyderm.create_branch(INPUT, older)
    await settled(world, older)
    await world.ask(MONDAY)
    await answered(world, MONDAY)

    assert [older, newer, older] == await world.trained()
    await assert_one_story(world)


async def test_a_commit_that_is_still_written_does_not_hold_up_a_request(
    world, operator
):
    commit = await once_trained(world)
    writing = await world.open_commit(digits=2)
    await world.shows("WaitingForCommit", head=writing)
    await world.ask(MONDAY)
    await world.shows(lastHandledRequestAt=MONDAY, lastTrainedCommit=commit)

    async def twice():
        return [commit, commit] == await world.trained()

    await until(twice, "the model that was asked for")
    await world.pachyderm.finish_commit(INPUT.repo, writing)
    await settled(world, writing)

    assert [commit, commit, writing] == await world.trained()
    await assert_one_story(world)

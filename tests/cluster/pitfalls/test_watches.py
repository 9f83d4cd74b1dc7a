"""Watches that break, hang, or are told to begin again: nobody has to notice."""

import asyncio

from cluster.pitfalls.scenes import expect_once, running
from integration.world import EARLIEST, RUNS, until


async def test_watches_that_break_lose_nothing(world, operator, gate):
    first = await running(world, gate)
    world.wire.cut()
    gate.touch()
    await world.model_of(first)
    world.wire.cut()
    second = await world.push(digits=2)

    await expect_once(world, first, second)


async def test_while_watches_hang_what_is_followed_goes_on(world, operator):
    """kopf finds out after a minute; what it did not tell is seen at the next look."""
    await world.apply(trigger=EARLIEST)
    first = await world.push(digits=1)
    await world.model_of(first)
    world.wire.deaf = True
    await world.change(trainer={"parameters": {"epochs": 2}})
    second = await world.push(digits=2)
    await world.model_of(second)
    world.wire.deaf = False
    world.wire.cut()
    third = await world.push(digits=3)

    await expect_once(world, first, second, third)
    before, *after = [model.spec for model in await world.models()]
    assert before != after[0] == after[1]


async def test_a_tfjob_that_goes_while_nobody_watches_is_made_again(
    world, operator, gate
):
    """The API server cannot tell of it later: it says 410, and kopf lists anew."""
    commit = await running(world, gate)
    (job,) = await world.jobs()
    world.wire.hold_watches()
    await world.kube.call("DELETE", f"{world.tfjobs}/{job['metadata']['name']}")
    world.plane.apiserver.kill()
    await asyncio.to_thread(world.plane.apiserver.start)
    world.wire.let_watch()
    gate.touch()
    model = await world.model_of(commit)

    async def told():
        return world.wire.expired

    await until(told, "a watch that is told to begin again")
    await expect_once(world, commit, with_jobs=False)
    assert 2 == model.attempt
    # Its Event may have met the API server that was killed; the record is kept.
    run = await world.pachyderm.commit(RUNS, model.run)
    kept = await world.content(RUNS, run.parent, "/record.json")
    assert "JobLost" == kept["reason"]
    assert job["metadata"]["name"] != model.tfjob

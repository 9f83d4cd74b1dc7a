"""What these tests have in common: a run under way, and the proof at the end."""

from integration.crash.holds import reached
from integration.stories import assert_one_story
from integration.world import EARLIEST

__all__ = ["expect_once", "running"]


async def running(world, gate, **spec):
    """Apply, push, and wait until the trainer has its data; the commit."""
    await world.apply(trigger=EARLIEST, attempts={"backoffSeconds": 0}, **spec)
    commit = await world.push(digits=1, wait_for=str(gate))
    await reached(gate)
    await world.reason("Training")
    return commit


async def expect_once(world, *pushed, with_events=True, with_jobs=True):
    """Wait for the end: one model for each commit, and one story about it all."""
    for commit in pushed:
        await world.model_of(commit)
    await world.shows("UpToDate", head=pushed[-1], pendingCommits=0, active=[])

    assert list(pushed) == await world.trained()
    if with_jobs:
        assert len(pushed) == len(await world.jobs())
    await assert_one_story(world, with_jobs=with_jobs, with_events=with_events)

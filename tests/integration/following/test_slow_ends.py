"""A training that is deleted goes, also where its follower does not end at once."""

import asyncio

import pytest

from integration.operators import InProcess
from integration.world import until
from mnist_operator import handlers
from mnist_operator.follower import Follower


async def held(world):
    """Wait until a finalizer holds the training."""

    async def look():
        found = await world.kube.call("GET", f"{world.trainings}/mnist")
        return found["metadata"].get("finalizers")

    await until(look, "the finalizer")


async def slow(_):
    """Take a while to end, as one that hangs up its feeds does on a busy machine."""
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0.05)


async def deaf(_):
    """Miss the first of two cancellations."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        await asyncio.Event().wait()


@pytest.mark.parametrize("follow", [slow, deaf])
async def test_it_goes_when_the_follower_has_ended(world, monkeypatch, follow):
    monkeypatch.setattr(Follower, "follow", follow)
    monkeypatch.setattr(handlers, "_AT_ONCE_SECONDS", 0.1)
    monkeypatch.setattr(handlers, "_STOP_SECONDS", 3.0)
    async with InProcess(world):
        await world.apply()
        await held(world)

        await world.delete()

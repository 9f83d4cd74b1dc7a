"""Who is asked to end does so, whatever goes wrong at that moment."""

import asyncio

import pytest

from mnist_operator.cancellation import heed_cancellation
from mnist_operator.errors import UnreachableError
from mnist_operator.follower import Follower
from unit.bare_engine import make_engine

_DOWN = UnreachableError("pachd", "InspectBranch", "connection refused")


class _Down:
    """Nothing answers, and one of two calls learns of it as its caller is cancelled."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.refused = asyncio.get_running_loop().create_future()

    async def get_training(self, *_):
        self.asked.set()
        await asyncio.gather(self.refused, asyncio.Event().wait())


async def test_a_follower_ends_also_where_a_call_fails_at_that_moment():
    kube = _Down()
    engine = make_engine(kube)
    following = asyncio.create_task(Follower(engine, "team", "mnist").follow())
    await kube.asked.wait()

    kube.refused.set_exception(_DOWN)
    following.cancel()

    async with asyncio.timeout(60):
        with pytest.raises(asyncio.CancelledError):
            await following


async def test_a_cancellation_that_was_taken_for_a_failure_is_still_one():
    refused = asyncio.get_running_loop().create_future()

    async def work():
        with pytest.raises(UnreachableError):
            await asyncio.gather(refused, asyncio.Event().wait())
        heed_cancellation()

    working = asyncio.create_task(work())
    await asyncio.sleep(0)
    refused.set_exception(_DOWN)
    working.cancel()

    with pytest.raises(asyncio.CancelledError):
        await working


async def test_who_was_not_cancelled_goes_on():
    heed_cancellation()

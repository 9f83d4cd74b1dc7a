"""Whoever is followed no more is forgotten, however the follower ended."""

import asyncio

from mnist_operator.hub import Hub
from unit.bare_engine import make_engine


class _Deaf:
    """An API server that nobody hangs up on: who asks goes on at the second word."""

    def __init__(self):
        self.asked, self.cancelled = asyncio.Event(), asyncio.Event()

    async def get_training(self, *_):
        self.asked.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            await asyncio.Event().wait()


async def test_one_that_was_cancelled_twice_is_forgotten_too():
    kube = _Deaf()
    engine = make_engine(kube)
    hub = Hub(engine)
    stopped = asyncio.Event()
    daemon = asyncio.create_task(hub.follow("team", "mnist", stopped.wait, "u"))
    await kube.asked.wait()
    stopped.set()
    await kube.cancelled.wait()

    daemon.cancel()
    await asyncio.wait({daemon})

    assert 0 == len(hub)

"""A server that takes what is POSTed to it, at any path, as a test has it answer."""

import asyncio
from contextlib import suppress

from aiohttp import web

DEADLINE_SECONDS = 60


class Receiver:
    """What backends have in common; `answer` says what one of them does with a call."""

    def __init__(self):
        self.headers = []
        self.asked = asyncio.Event()
        self.answering = asyncio.Event()
        self.answering.set()
        self._news = asyncio.Condition()
        self._runner = None
        self.url = ""

    async def __aenter__(self):
        application = web.Application()
        application.router.add_post("/{path:.*}", self._take)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_):
        self.answering.set()
        await self._runner.cleanup()

    async def _take(self, request):
        self.asked.set()
        await self.answering.wait()
        response = await self.answer(request)
        async with self._news:
            self._news.notify_all()
        return response

    async def until(self, there, seen):
        """Wait until it is there; else what was seen is in the error."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DEADLINE_SECONDS), self._news:
                await self._news.wait_for(there)
        assert there(), seen
        return seen


def count_results(family):
    """Of a counter by result, without those that are zero."""
    return {
        each.labels["result"]: int(each.value)
        for each in family.samples
        if each.name.endswith("_total") and each.value
    }


async def reached(counted, expected):
    """Wait until so many have come to this."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while counted() != expected:
            await asyncio.sleep(0.005)

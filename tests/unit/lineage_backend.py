"""An OpenLineage backend that keeps what it is sent, and misbehaves when it is told."""

import asyncio
from contextlib import suppress

from aiohttp import web

DEADLINE_SECONDS = 60


class Backend:
    def __init__(self):
        self.events = []
        self.headers = []
        self.statuses = []
        """What to answer next; then all is well."""
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
        status = self.statuses.pop(0) if self.statuses else 201
        where = {"Location": "/elsewhere"} if status in {301, 302, 307} else {}
        if status < 300:
            self.events.append(await request.json())
            self.headers.append((request.path, dict(request.headers)))
        async with self._news:
            self._news.notify_all()
        return web.Response(status=status, headers=where)

    async def told(self, count):
        """Wait for so many events; give back all that there are."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DEADLINE_SECONDS), self._news:
                await self._news.wait_for(lambda: len(self.events) >= count)
        assert len(self.events) >= count, self.events
        return self.events

    def kinds(self, run=None):
        """What was told, in its order; of one run, if one is named."""
        return [
            each["eventType"]
            for each in self.events
            if run is None or run in str(each["run"]["facets"]["tags"]["tags"])
        ]

"""A collector that takes OTLP in JSON, and misbehaves when it is told."""

import asyncio
from contextlib import suppress

from aiohttp import web

from unit import otlp_rules

DEADLINE_SECONDS = 60


class Collector:
    def __init__(self):
        self.spans = []
        self.batches = []
        """How many spans each call brought."""
        self.headers = []
        self.resource = {}
        self.wrong = []
        """What did not keep to OTLP's rules."""
        self.answers = []
        """What to answer next, as status, headers and body; then all is well."""
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
        assert [] == self.wrong

    async def _take(self, request):
        self.asked.set()
        await self.answering.wait()
        status, headers, said = (
            self.answers.pop(0) if self.answers else (200, {}, {"partialSuccess": {}})
        )
        if status == 200:
            self._keep(request, await request.json())
        async with self._news:
            self._news.notify_all()
        return web.json_response(said, status=status, headers=headers)

    def _keep(self, request, told):
        try:
            spans = otlp_rules.check(told)
        except (AssertionError, KeyError, ValueError) as error:
            self.wrong.append((repr(error), told))
            return
        self.spans += spans
        self.batches.append(len(spans))
        self.resource = otlp_rules.attributes(told["resourceSpans"][0]["resource"])
        self.headers.append((request.path, dict(request.headers)))

    async def told(self, count):
        """Wait for so many spans; give back all that there are."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DEADLINE_SECONDS), self._news:
                await self._news.wait_for(lambda: len(self.spans) >= count)
        assert len(self.spans) >= count, self.spans
        return self.spans

    async def ended(self, runs=1):
        """Wait for so many root spans; give back all spans that there are."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DEADLINE_SECONDS), self._news:
                await self._news.wait_for(lambda: len(self.named("run")) >= runs)
        assert len(self.named("run")) >= runs, self.spans
        return self.spans

    def named(self, name):
        """The spans of one kind, in the order in which they were told."""
        return [each for each in self.spans if each["name"] == name]

    @property
    def identities(self):
        """What was told: trace and span of each, once."""
        return {(each["traceId"], each["spanId"]) for each in self.spans}

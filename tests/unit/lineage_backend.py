"""An OpenLineage backend that keeps what it is sent, and misbehaves when it is told."""

from aiohttp import web

from unit.receiver import DEADLINE_SECONDS, Receiver

__all__ = ["DEADLINE_SECONDS", "Backend"]


class Backend(Receiver):
    def __init__(self):
        super().__init__()
        self.events = []
        self.statuses = []
        """What to answer next; then all is well."""

    async def answer(self, request):
        status = self.statuses.pop(0) if self.statuses else 201
        where = {"Location": "/elsewhere"} if status in {301, 302, 307} else {}
        if status < 300:
            self.events.append(await request.json())
            self.headers.append((request.path, dict(request.headers)))
        return web.Response(status=status, headers=where)

    async def told(self, count):
        """Wait for so many events; give back all that there are."""
        return await self.until(lambda: len(self.events) >= count, self.events)

    def kinds(self, run=None):
        """What was told, in its order; of one run, if one is named."""
        return [
            each["eventType"]
            for each in self.events
            if run is None or run in str(each["run"]["facets"]["tags"]["tags"])
        ]

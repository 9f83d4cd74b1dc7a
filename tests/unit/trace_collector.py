"""A collector that takes OTLP in JSON, and misbehaves when it is told."""

from aiohttp import web

from unit import otlp_rules
from unit.receiver import DEADLINE_SECONDS, Receiver

__all__ = ["DEADLINE_SECONDS", "Collector"]


class Collector(Receiver):
    def __init__(self):
        super().__init__()
        self.spans = []
        self.batches = []
        """How many spans each call brought."""
        self.resource = {}
        self.wrong = []
        """What did not keep to OTLP's rules."""
        self.answers = []
        """What to answer next, as status, headers and body; then all is well."""

    async def __aexit__(self, *error):
        await super().__aexit__(*error)
        assert [] == self.wrong

    async def answer(self, request):
        status, headers, said = (
            self.answers.pop(0) if self.answers else (200, {}, {"partialSuccess": {}})
        )
        if status == 200:
            self._keep(request, await request.json())
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
        return await self.until(lambda: len(self.spans) >= count, self.spans)

    async def ended(self, runs=1):
        """Wait for so many root spans; give back all spans that there are."""
        return await self.until(lambda: len(self.named("run")) >= runs, self.spans)

    def named(self, name):
        """The spans of one kind, in the order in which they were told."""
        return [each for each in self.spans if each["name"] == name]

    @property
    def identities(self):
        """What was told: trace and span of each, once."""
        return {(each["traceId"], each["spanId"]) for each in self.spans}

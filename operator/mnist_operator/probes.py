"""The health port: /livez and /readyz for Kubernetes; /healthz is /livez.

Our own, and not kopf's: that one keeps an answer for ten seconds, knows no readiness,
and is not there while we wait for a Lease.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from aiohttp import web

from mnist_operator.health import Facts, Report, is_fresh, livez, readyz
from mnist_operator.settings import SettingError

__all__ = ["Asked", "answering"]


class Asked(Protocol):
    """Who is asked how things stand."""

    def facts(self) -> Facts:
        """How things stand now."""
        ...

    async def ping(self) -> None:
        """Ask the API server something, so that the facts are new."""
        ...


class _Probes:
    """Answers the probes."""

    def __init__(self, asked: Asked, limit: float) -> None:
        self._asked = asked
        self._limit = limit
        self._pinging = asyncio.Lock()

    async def live(self, _: web.Request) -> web.Response:
        now = time.monotonic()
        return _answer(livez(self._asked.facts(), limit=self._limit, now=now))

    async def ready(self, _: web.Request) -> web.Response:
        came = time.monotonic()
        # However many ask at once, one question to the API server answers them.
        async with self._pinging:
            facts = self._asked.facts()
            if facts.asked_at < came and not is_fresh(facts, now=came):
                await self._asked.ping()
        return _answer(readyz(self._asked.facts()))


@asynccontextmanager
async def answering(asked: Asked, port: int, *, limit: float) -> AsyncIterator[None]:
    """Answer the probes on this port; 0 for nobody.

    Raises:
        SettingError: The port cannot be had.
    """
    probes = _Probes(asked, limit)
    application = web.Application()
    application.router.add_get("/livez", probes.live)
    application.router.add_get("/healthz", probes.live)
    application.router.add_get("/readyz", probes.ready)
    runner = web.AppRunner(
        application, access_log=None, handle_signals=False, shutdown_timeout=1.0
    )
    await runner.setup()
    try:
        if port:
            await _listen(runner, port)
        yield
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, port: int) -> None:
    try:
        await web.TCPSite(runner, None, port, reuse_address=True).start()
    except OSError as error:
        raise SettingError(
            f"MNIST_OPERATOR_HEALTH_PORT: cannot listen on {port}"
            f" ({error.strerror}); name a free port, or 0 for no probes"
        ) from error


def _answer(report: Report) -> web.Response:
    response = web.json_response(report.to_json(), status=200 if report.ok else 500)
    # kopf waits at its end for every task, so for every open connection, too.
    response.force_close()
    return response

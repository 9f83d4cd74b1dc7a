"""The wire between the operator and a real API server, where things go wrong.

Only the operator talks through it: node, TFJob controller and test have their own way.
"""

import asyncio
import ssl
from collections import Counter
from contextlib import suppress
from typing import Any, Self, cast

import aiohttp
from aiohttp import web

from integration.crash.wires import end_to_end
from local_cluster.kube.client import Door

__all__ = ["Wire"]

_EXPIRED = b'"code":410'
_BUSY = 429


class Wire:
    """Passes every request on, unless a test has other plans for it.

    A call is named as in a role: "list tfjobs", "patch mnisttrainings/status".
    """

    def __init__(self, door: Door) -> None:
        self.url = ""
        self.calls: Counter[str] = Counter()
        """How often each call was made."""
        self.refused: Counter[str] = Counter()
        """How often it was refused here."""
        self.expired = 0
        """How many watches the API server has told that they begin too far back."""
        self.deaf = False
        """Whether watches stay open, and nothing comes through them any more."""
        self._door = door
        self._refusals: dict[str, tuple[int, int]] = {}
        self._busy_times = 0
        self._watchable = asyncio.Event()
        self._watchable.set()
        self._watches: set[asyncio.Transport] = set()
        self._session: Any = None
        self._runner: Any = None

    def refuse(self, call: str, status: int, times: int) -> None:
        """Refuse the next calls of this name."""
        self._refusals[call] = status, times

    def be_busy(self, times: int) -> None:
        """Refuse so many calls of every name, as a server does that has no time."""
        self._busy_times = times

    def cut(self) -> None:
        """Break every watch, as a network does."""
        for transport in self._watches:
            transport.abort()

    def hold_watches(self) -> None:
        """Break every watch, and keep all that are begun from now on waiting."""
        self._watchable.clear()
        self.cut()

    def let_watch(self) -> None:
        """Let those that wait begin."""
        self._watchable.set()

    async def __aenter__(self) -> Self:
        tls = ssl.create_default_context(cafile=self._door.ca)
        self._session = aiohttp.ClientSession(
            self._door.url,
            timeout=aiohttp.ClientTimeout(total=None),
            connector=aiohttp.TCPConnector(limit=0, ssl=tls),
            auto_decompress=False,
        )
        app = web.Application(client_max_size=1 << 24)
        app.router.add_route("*", "/{path:.*}", self._pass)
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cut()
        await self._runner.cleanup()
        await self._session.close()

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        call = _name(request)
        self.calls[call] += 1
        if status := self._take(call):
            self.refused[call] += 1
            return _refusal(status)
        body = await request.read()
        transport = cast("asyncio.Transport", request.transport)
        watched = call.startswith("watch ")
        if watched:
            await self._watchable.wait()
            self._watches.add(transport)
        try:
            return await self._relay(request, body, watched=watched)
        except aiohttp.ClientError:  # The server is gone: so is this connection.
            transport.abort()
            return web.Response(status=502)
        finally:
            self._watches.discard(transport)

    def _take(self, call: str) -> int:
        """The status to refuse this call with; 0 to pass it on."""
        status, left = self._refusals.get(call, (0, 0))
        if left:
            self._refusals[call] = status, left - 1
            return status
        return _BUSY if self.calls[call] <= self._busy_times else 0

    async def _relay(
        self, request: web.Request, body: bytes, *, watched: bool
    ) -> web.StreamResponse:
        headers = end_to_end(request.headers)
        sent = self._session.request(
            request.method, request.rel_url, data=body or None, headers=headers
        )
        async with sent as answer:
            headers = end_to_end(answer.headers)
            response = web.StreamResponse(status=answer.status, headers=headers)
            await response.prepare(request)
            with suppress(ConnectionResetError, asyncio.CancelledError):
                async for chunk in answer.content.iter_any():
                    self.expired += watched and _EXPIRED in chunk
                    if not (watched and self.deaf):
                        await response.write(chunk)
                await response.write_eof()
        return response


def _name(request: web.Request) -> str:
    """The verb and the kind, as a role has them."""
    _, *steps = request.path.strip("/").split("/")
    steps = steps[1:] if request.path.startswith("/api/") else steps[2:]
    if steps[:1] == ["namespaces"] and len(steps) > 2:
        steps = steps[2:]
    if not steps:
        return "discover"
    kind, *rest = steps  # A name and a subresource, where there are such.
    verb = "create" if request.method == "POST" else request.method.lower()
    if verb == "get" and not rest:
        verb = "watch" if "watch" in request.query else "list"
    return f"{verb} {'/'.join([kind, *rest[1:]])}"


def _refusal(status: int) -> web.Response:
    body = {
        "apiVersion": "v1",
        "kind": "Status",
        "status": "Failure",
        "code": status,
        "message": "not now, says the test",
        "details": {"retryAfterSeconds": 1},
    }
    headers = {"Retry-After": "1"} if status == _BUSY else {}
    return web.json_response(body, status=status, headers=headers)

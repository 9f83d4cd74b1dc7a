"""Serves container logs to the API server, from files, also while they grow."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from aiohttp import web

__all__ = ["LogServer", "LogSource", "tail"]

LogSource: TypeAlias = Callable[[str, str, str], tuple[Path, Callable[[], bool]] | None]
"""From namespace, pod and container to the file, and whether it may still grow."""

_LOOK_SECONDS = 0.05
_BLOCK = 64 * 1024


def tail(content: bytes, lines: int) -> bytes:
    """Return the last lines."""
    return b"".join(content.splitlines(keepends=True)[-lines:]) if lines else b""


class LogServer:
    """What the API server asks for logs, as it asks a kubelet."""

    def __init__(self, host: str, source: LogSource) -> None:
        self._host = host
        self._source = source
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen on a free port."""
        app = web.Application()
        path = "/containerLogs/{namespace}/{pod}/{container}"
        app.router.add_get(path, self._serve)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, 0).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        where = request.match_info
        found = self._source(where["namespace"], where["pod"], where["container"])
        if found is None:
            return web.Response(text="the container is not known here", status=404)
        path, grows = found
        content = path.read_bytes() if path.exists() else b""
        position = len(content)
        if "tailLines" in request.query:
            content = tail(content, int(request.query["tailLines"]))
        if "limitBytes" in request.query:
            content = content[: int(request.query["limitBytes"])]
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(content)
        if request.query.get("follow") in {"1", "true"}:
            await _follow(response, path, position, grows)
        await response.write_eof()
        return response


async def _follow(
    response: web.StreamResponse, path: Path, position: int, grows: Callable[[], bool]
) -> None:
    while True:
        more = grows()  # asked first: what is written before the end is still read
        while block := _read(path, position):
            position += len(block)
            await response.write(block)
        if not more:
            return
        await asyncio.sleep(_LOOK_SECONDS)


def _read(path: Path, position: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(position)
            return file.read(_BLOCK)
    except FileNotFoundError:  # the pod was deleted meanwhile
        return b""

"""News for those who look: server-sent events, one stream for each open page.

A stream says only which training has changed, and that in words for a screen reader;
the page then asks for itself again. Nothing is queued: a viewer who is slow is told
of each training once, as it is then.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html.
"""

import asyncio
import json

from aiohttp import web

from mnist_operator.cli.dashboard.board import Board
from mnist_operator.cli.dashboard.cards import read_card, sentence

__all__ = ["Streams"]

_BEAT_SECONDS = 15.0
"""A comment goes out so often: it keeps proxies from hanging up, and finds the dead."""
_WRITE_SECONDS = 30.0
_AGAIN_MILLISECONDS = 3000
_LATER_SECONDS = "30"


class Streams:
    """The viewers who are told of news, up to a number."""

    def __init__(self, board: Board, most: int) -> None:
        self._board = board
        self._most = most
        self._ends: set[asyncio.Event] = set()

    def __len__(self) -> int:
        """How many there are."""
        return len(self._ends)

    def end(self) -> None:
        """Let all of them go: the process ends."""
        for each in tuple(self._ends):
            each.set()

    async def open(self, request: web.Request) -> web.StreamResponse:
        """Tell one viewer, until they go.

        Raises:
            web.HTTPServiceUnavailable: There are too many; their page still works.
        """
        if request.method == "HEAD":  # It has no end, so there is nothing to wait for.
            return web.Response(content_type="text/event-stream")
        if len(self._ends) >= self._most:
            raise web.HTTPServiceUnavailable(
                text="Too many pages are open: reload this one to see what is new.\n",
                headers={"Retry-After": _LATER_SECONDS},
            )
        over = asyncio.Event()
        self._ends.add(over)
        try:
            return await self._tell(request, over)
        finally:
            self._ends.discard(over)

    async def _tell(
        self, request: web.Request, over: asyncio.Event
    ) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_type = "text/event-stream"
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Accel-Buffering"] = "no"
        changed: dict[str, None] = {}
        news = asyncio.Event()

        def hear(key: str) -> None:
            changed[key] = None
            news.set()

        stop = self._board.listen(hear)
        try:
            await response.prepare(request)
            await _write(response, f"retry: {_AGAIN_MILLISECONDS}\n\n")
            while not over.is_set():
                await _either(news, over)
                news.clear()
                told = (
                    "".join(self._event(key) for key in changed) or ": still here\n\n"
                )
                changed.clear()
                await _write(response, told)
        except (ConnectionError, TimeoutError):
            pass  # Its reader has gone, or does not read.
        finally:
            stop()
        return response

    def _event(self, key: str) -> str:
        body = self._board.bodies.get(key)
        if body is not None:
            said = sentence(read_card(body))
        else:
            said = f"{key}: gone" if key else self._board.trouble or "Connected again"
        return f"event: change\ndata: {json.dumps({'key': key, 'said': said})}\n\n"


async def _either(*events: asyncio.Event) -> None:
    """Wait for one of some events, for the time of a beat."""
    waiting = [asyncio.create_task(each.wait()) for each in events]
    try:
        await asyncio.wait(
            waiting, timeout=_BEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _write(response: web.StreamResponse, text: str) -> None:
    async with asyncio.timeout(_WRITE_SECONDS):
        await response.write(text.encode())

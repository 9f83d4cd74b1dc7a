"""What stands behind each address of the page, and how an answer goes out."""

import hashlib
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aiohttp import web

from mnist_operator.cli.dashboard import cards
from mnist_operator.cli.dashboard.board import Board
from mnist_operator.cli.dashboard.pages import Pages, read_assets
from mnist_operator.cli.dashboard.streams import Streams
from mnist_operator.cli.dashboard.views import Views

__all__ = ["Settings", "Site"]

_LOGGER = logging.getLogger(__name__)

_SHOWN = 60
"""Trainings on one page."""
_FIRST_SECONDS = 5.0
_LARGE = 2048
"""Bytes from which on it is worth packing."""
_FOR_EVER = "public, max-age=31536000, immutable"
_SVG = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"
"""Of a picture of samples, which holds them as data; never of a page."""
_PAGE = re.compile(r"[0-9]{1,6}", re.ASCII)

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Settings:
    """How the page is reached."""

    base: str = ""
    """The path that an ingress puts before ours: /mnist, or nothing."""
    hosts: tuple[str, ...] = ()
    """Names that it goes by, beside those of this machine."""
    runbooks: str = "docs/runbooks.md"
    """Where the runbooks are read: a URL, or the name of the page."""
    viewers: int = 64
    """So many open pages are told of news."""


class Site:
    """What stands behind each address."""

    def __init__(self, board: Board, views: Views, settings: Settings) -> None:
        self._board = board
        self._views = views
        self._base = settings.base
        self._assets = read_assets()
        self._pages = Pages(settings.base, self._assets, settings.runbooks)
        self.streams = Streams(board, settings.viewers)

    async def end(self, _: web.Application) -> None:
        """Let viewers go."""
        self.streams.end()

    async def health(self, _: web.Request) -> web.StreamResponse:
        """Say that the process answers; of the cluster it says nothing."""
        return web.Response(text="ok\n")

    async def ready(self, _: web.Request) -> web.StreamResponse:
        """Say whether trainings were ever listed; later, a page tells of outages."""
        if self._board.listed:
            return web.Response(text="ok\n")
        told = self._board.trouble or "MnistTrainings are being listed"
        raise web.HTTPServiceUnavailable(text=f"{told}\n")

    async def home(self, _: web.Request) -> web.StreamResponse:
        """Lead from the base path to the first page."""
        raise web.HTTPFound(f"{self._base}/")

    async def overview(self, request: web.Request) -> web.StreamResponse:
        """Show all trainings at a glance."""
        await self._board.wait(_FIRST_SECONDS)
        every = self._board.cards()
        text, state = request.query.get("q", "")[:100], request.query.get("state", "")
        found = cards.choose(every, text, state)
        pages = max(1, -(-len(found) // _SHOWN))
        number = min(max(_number(request), 1), pages)
        return self._page(
            request,
            "trainings.html",
            key="",
            text=text,
            state=state,
            namespace=self._board.namespace,
            counts=cards.count(every),
            cards=found[(number - 1) * _SHOWN : number * _SHOWN],
            found=len(found),
            number=number,
            pages=pages,
            notices=self._notices(),
        )

    async def training(self, request: web.Request) -> web.StreamResponse:
        """Show one training."""
        key, body = await self._find(request)
        values = await self._views.training(body, _number(request), self._runs(key))
        return self._show(request, "training.html", key, values)

    async def run(self, request: web.Request) -> web.StreamResponse:
        """Show one run, and its model."""
        key, body = await self._find(request)
        name = request.match_info["run"]
        values = await self._views.run(body, name, self._runs(key))
        return self._show(request, "run.html", key, values)

    async def data(self, request: web.Request) -> web.StreamResponse:
        """Show what changed in the data."""
        key, body = await self._find(request)
        values = await self._views.data(body, request.match_info["run"])
        return self._show(request, "data.html", key, values)

    async def held(self, request: web.Request) -> web.StreamResponse:
        """Show what a commit is held for."""
        key, body = await self._find(request)
        values = await self._views.held(body, request.match_info["commit"])
        return self._show(request, "data.html", key, values)

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """Show samples that changed; for a telephone, if that is asked for."""
        _, body = await self._find(request)
        asked = request.match_info
        if "commit" in asked:
            values = await self._views.held(body, asked["commit"])
        else:
            values = await self._views.data(body, asked["run"])
        difference = (values or {}).get("difference")
        if difference is None or not difference.picture:
            raise web.HTTPNotFound(text="There is no such picture.\n")
        return web.Response(
            text=difference.narrow if "narrow" in request.query else difference.picture,
            content_type="image/svg+xml",
            headers={"Content-Security-Policy": _SVG},
        )

    async def static(self, request: web.Request) -> web.StreamResponse:
        """Hand out the style sheet, the script and the icon."""
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        response = web.Response(body=asset.content, content_type=asset.kind)
        response.charset = "utf-8"
        current = request.query.get("v") == asset.version
        response.headers["Cache-Control"] = _FOR_EVER if current else "no-cache"
        return response

    @web.middleware
    async def excuse(self, request: web.Request, handler: Answer) -> web.StreamResponse:
        """A page for what is not there, and for a fault of our own."""
        try:
            return await handler(request)
        except web.HTTPNotFound as error:
            text = error.text if error.text and "\n" in error.text else ""
            return self._excuse(request, HTTPStatus.NOT_FOUND, text.strip())
        except web.HTTPException:
            raise
        except Exception:
            _LOGGER.exception("cannot show %s", request.path)
            told = "Its log says what happened: whoever runs this page must act."
            return self._excuse(request, HTTPStatus.INTERNAL_SERVER_ERROR, told)

    def _excuse(
        self, request: web.Request, status: HTTPStatus, told: str
    ) -> web.StreamResponse:
        return self._page(
            request, "error.html", status=status, key="", title=status.phrase, told=told
        )

    async def _find(self, request: web.Request) -> tuple[str, Any]:
        await self._board.wait(_FIRST_SECONDS)
        key = "{namespace}/{name}".format(**request.match_info)
        body = self._board.bodies.get(key)
        if body is None:
            why = self._board.trouble or "It was deleted, or never was."
            raise web.HTTPNotFound(text=f"There is no MnistTraining {key}. {why}\n")
        return key, body

    def _runs(self, key: str) -> str:
        return f"{self._pages.training_link(key)}/runs/"

    def _notices(self) -> list[str]:
        return [self._board.trouble] if self._board.trouble else []

    def _show(
        self,
        request: web.Request,
        name: str,
        key: str,
        values: dict[str, Any] | None,
    ) -> web.StreamResponse:
        if values is None:
            raise web.HTTPNotFound(text=_absence(key, request.match_info))
        values["notices"] = [*self._notices(), *values["notices"]]
        return self._page(request, name, key=key, **values)

    def _page(
        self,
        request: web.Request,
        name: str,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        **values: Any,
    ) -> web.StreamResponse:
        text = self._pages.render(name, now=datetime.now(UTC), **values)
        return _finish(request, text, status)


def _finish(request: web.Request, text: str, status: HTTPStatus) -> web.StreamResponse:
    """Send a page, unless the browser has just this one."""
    content = text.encode()
    tag = hashlib.sha256(content).hexdigest()[:32]
    asked = request.if_none_match or ()
    if status is HTTPStatus.OK and any(each.value == tag for each in asked):
        response = web.Response(status=HTTPStatus.NOT_MODIFIED)
    else:
        response = web.Response(body=content, status=status, content_type="text/html")
        response.charset = "utf-8"
        if len(content) > _LARGE:
            response.enable_compression()
    response.etag = tag
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _absence(key: str, asked: Mapping[str, str]) -> str:
    if "commit" in asked:
        gone = "it was released or discarded, or never held"
        return f"{key} does not hold commit {asked['commit']}: {gone}.\n"
    return f"{key} has no run {asked['run']}.\n"


def _number(request: web.Request) -> int:
    text = request.query.get("page", "")
    return int(text) if _PAGE.fullmatch(text) else 1

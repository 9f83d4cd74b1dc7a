"""Who may ask what, and what every answer says to the browser. Pure but for aiohttp.

The page has no write action, so only GET and HEAD are answered. A name that nobody
allowed is refused: else any site could point its own name at this address and read
what is here through its visitor's browser (DNS rebinding).
"""

from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus

from aiohttp import web

__all__ = ["HEADERS", "LOCAL", "guard", "is_allowed", "read_host"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LOCAL = ("localhost", "127.0.0.1", "[::1]")
"""The names of this machine for itself; always allowed."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
        " connect-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_METHODS = ("GET", "HEAD")


def read_host(header: str) -> str:
    """The name in a Host header, without its port, in small letters."""
    text = header.strip().lower()
    if text.startswith("["):
        return text.partition("]")[0] + "]"
    return text.partition(":")[0].rstrip(".")


def is_allowed(header: str, allowed: Iterable[str]) -> bool:
    """Whether a Host header names us."""
    return read_host(header) in {*LOCAL, *(read_host(each) for each in allowed)}


def guard(
    allowed: Iterable[str], free: Iterable[str]
) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Let in what may come in; the `free` paths are asked under any name.

    Those are the probes, which know an address alone.
    """
    names, open_paths = tuple(allowed), frozenset(free)

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in _METHODS:
            return _refuse(
                HTTPStatus.METHOD_NOT_ALLOWED,
                "This page only shows: ask with GET.\n",
                {"Allow": ", ".join(_METHODS)},
            )
        host = request.headers.get("Host", "")
        if request.path not in open_paths and not is_allowed(host, names):
            return _refuse(
                HTTPStatus.MISDIRECTED_REQUEST,
                "This server does not go by that name: whoever runs it can allow it"
                " with --allow-host.\n",
            )
        return await handler(request)

    return check


def _refuse(
    status: HTTPStatus, text: str, headers: dict[str, str] | None = None
) -> web.Response:
    return web.Response(status=status, text=text, headers=headers)

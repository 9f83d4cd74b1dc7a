"""What an answer of the API server means that is no success."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import aiohttp

from mnist_operator.errors import (
    ConflictError,
    DeniedError,
    NotFoundError,
    RefusedError,
    UnreachableError,
    UpstreamError,
)
from mnist_operator.foreign import plain

__all__ = ["describe", "reaching", "refuse"]

_FAILURES: Mapping[int, type[UpstreamError]] = {
    400: RefusedError,
    401: DeniedError,
    403: DeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: RefusedError,
}
_DENIED = "denied the request"  # An admission webhook did, mostly with a 403.


@contextmanager
def reaching(call: str) -> Iterator[None]:
    """What went wrong on the way is an UnreachableError."""
    try:
        yield
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise UnreachableError("kubernetes", call, describe(error)) from error


def describe(error: Exception) -> str:
    """Say it in one line; some have no words."""
    return str(error) or type(error).__name__


def refuse(status: int, call: str, content: bytes) -> None:
    """Raise the UpstreamError that says what the answer means."""
    detail = _message(content) or f"HTTP {status}"
    kind = RefusedError if _DENIED in detail else _FAILURES.get(status, UpstreamError)
    raise kind("kubernetes", call, detail)


def _message(content: bytes) -> str:
    try:
        return plain(str(json.loads(content)["message"]), 500)
    except (ValueError, KeyError, TypeError, RecursionError):
        return plain(content[:200].decode(errors="replace").strip(), 200)

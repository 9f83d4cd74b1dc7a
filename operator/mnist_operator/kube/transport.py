"""Requests to one API server: each with a deadline, and errors that say who must act.

Objects go in and out as plain JSON: the generated models of the client library
would be validated twice and know no TFJob.
"""

import asyncio
import json
import logging
import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

import aiohttp
from kubernetes.aio import client
from kubernetes.aio.client.rest import RESTResponse

from mnist_operator.clock import ServerClock
from mnist_operator.errors import (
    ConflictError,
    DeniedError,
    NotFoundError,
    RefusedError,
    UnreachableError,
    UpstreamError,
)

__all__ = ["Body", "Contact", "Credentials", "Transport"]

_LOGGER = logging.getLogger(__name__)
_DEADLINE = aiohttp.ClientTimeout(30.0)
_WATCH_DEADLINE = aiohttp.ClientTimeout(75.0)
_PING_DEADLINE = aiohttp.ClientTimeout(3.0)
_ENDLESS = aiohttp.ClientTimeout(total=None, sock_connect=30.0)
"""For what comes when it comes, such as a log that is followed."""
_FAILURES: Mapping[int, type[UpstreamError]] = {
    400: RefusedError,
    401: DeniedError,
    403: DeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: RefusedError,
}
_DENIED = "denied the request"  # An admission webhook did, mostly with a 403.
_FIRST_ERROR = 400
_UNAUTHORIZED, _BUSY, _FIRST_FAILURE = 401, 429, 500
_BUSY_SECONDS = 10.0
"""How long one call waits for a server that has no time."""
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Credentials:
    """How another client of this process reaches the same API server."""

    server: str
    token: str | None = field(repr=False)
    ca_path: str | None
    certificate_path: str | None
    key_path: str | None
    insecure: bool


@dataclass(slots=True)
class Contact:
    """What came of the newest request, whichever it was."""

    at: float = -math.inf
    """By the monotonic clock."""
    problem: str = "not asked yet"
    """Empty when the server answered us as whom it knows."""

    def note(self, problem: str) -> None:
        """Keep this as the newest."""
        self.at, self.problem = time.monotonic(), problem


class Transport:
    """Sends requests, and translates what comes back."""

    def __init__(
        self,
        api: client.ApiClient,
        namespace: str = "",
        renew: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        self._api = api
        self._renew = renew
        self._renewing = asyncio.Lock()
        self.namespace = namespace or "default"
        """The kubeconfig's own; for those who name none."""
        self.clock = ServerClock(lambda: datetime.now(UTC))
        self.contact = Contact()

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    async def credentials(self) -> Credentials:
        """What we use ourselves, read anew: whoever asks was refused, or begins."""
        settings = self._api.configuration
        await self._renewed(await self._token())
        header = await self._token()
        return Credentials(
            server=settings.host,
            token=header.split()[-1] if header else None,
            ca_path=settings.ssl_ca_cert,
            certificate_path=settings.cert_file,
            key_path=settings.key_file,
            insecure=not settings.verify_ssl,
        )

    async def _token(self) -> str | None:
        found: str | None = await self._api.configuration.get_api_key_with_prefix(
            "BearerToken"
        )
        return found

    async def _renewed(self, used: str | None) -> bool:
        """Whether there is another token than the one that was used.

        A pod's own is read again once a minute anyway; but not one in a kubeconfig,
        or in a file that it names, or from a program.
        """
        async with self._renewing:  # Many are refused at once; one of them reads it.
            if self._renew is not None and await self._token() == used:
                try:
                    await self._renew()
                except ValueError as error:
                    _LOGGER.warning("The token for Kubernetes: %s", error)
            return await self._token() != used

    async def ping(self) -> None:
        """Ask something cheap, which anyone may know whom the server knows."""
        with suppress(UpstreamError):  # What came of it is in `contact`.
            await self.call("GET", "/version", timeout=_PING_DEADLINE)

    async def find(
        self, path: str, timeout: aiohttp.ClientTimeout = _DEADLINE
    ) -> Body | None:
        """One object; None when it is not there."""
        try:
            found: Body = json.loads(await self.call("GET", path, timeout=timeout))
        except NotFoundError:
            return None
        return found

    async def items(self, path: str, query: Mapping[str, str]) -> list[Body]:
        """The objects of a list."""
        found = json.loads(await self.call("GET", path, query=query))
        return list(found["items"])

    async def watch(self, path: str, query: Mapping[str, str]) -> AsyncGenerator[Body]:
        """The events of one watch, as long as it lasts."""
        with _reaching(f"WATCH {path}"):
            sent = await self._send("GET", path, query=query, timeout=_WATCH_DEADLINE)
            with closing(sent.response) as response:
                if response.status >= _FIRST_ERROR:
                    _refuse(response.status, f"WATCH {path}", await response.read())
                async for line in response.content:
                    yield json.loads(line)

    async def stream(
        self, path: str, query: Mapping[str, str]
    ) -> AsyncGenerator[bytes]:
        """What one answer brings, piece by piece, however long that takes."""
        with _reaching(f"GET {path}"):
            sent = await self._send("GET", path, query=query, timeout=_ENDLESS)
            with closing(sent.response) as response:
                if response.status >= _FIRST_ERROR:
                    _refuse(response.status, f"GET {path}", await response.read())
                async for piece in response.content.iter_any():
                    yield piece

    async def call(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        *,
        query: Mapping[str, str] | None = None,
        kind: str = "application/json",
        timeout: aiohttp.ClientTimeout = _DEADLINE,
    ) -> bytes:
        """One request. Raises an UpstreamError for any answer but success."""
        call = f"{method} {path}"
        with _reaching(call):
            response = await self._send(
                method, path, body, query=query, kind=kind, timeout=timeout
            )
            content = bytes(await response.read())
        if response.status >= _FIRST_ERROR:
            _refuse(response.status, call, content)
        return content

    async def _send(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        *,
        query: Mapping[str, str] | None = None,
        kind: str = "application/json",
        timeout: aiohttp.ClientTimeout = _DEADLINE,
    ) -> RESTResponse:
        send = partial(
            self._send_once,
            method,
            path,
            body,
            query=query,
            kind=kind,
            timeout=timeout,
        )
        used = await self._token()
        try:
            answer = await send()
            if answer.status == _UNAUTHORIZED and await self._renewed(used):
                answer.response.close()
                answer = await send()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            self.contact.note(_describe(error))
            raise
        failed = answer.status == _UNAUTHORIZED or answer.status >= _FIRST_FAILURE
        self.contact.note(f"HTTP {answer.status}" if failed else "")
        self.clock.hear(answer.headers.get("Date"))
        return answer

    async def _send_once(
        self,
        method: str,
        path: str,
        body: Body | None,
        *,
        query: Mapping[str, str] | None,
        kind: str,
        timeout: aiohttp.ClientTimeout,
    ) -> RESTResponse:
        serialized = await self._api.param_serialize(
            method,
            path,
            query_params=list((query or {}).items()),
            header_params={"Accept": "application/json, */*", "Content-Type": kind},
            body=body,
            auth_settings=["BearerToken"],
        )
        now = asyncio.get_running_loop().time
        end = now() + min(timeout.total or 0.0, _BUSY_SECONDS)
        while True:
            answer = await self._api.call_api(*serialized, _request_timeout=timeout)
            pause = _pause(answer.headers.get("Retry-After"))
            if answer.status != _BUSY or now() + pause > end:
                return answer
            # Nothing has happened, so that even a POST may be sent again; and what is
            # sent only once, such as an Event, would be lost else.
            answer.response.close()
            await asyncio.sleep(pause)


@contextmanager
def _reaching(call: str) -> Iterator[None]:
    try:
        yield
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise UnreachableError("kubernetes", call, _describe(error)) from error


def _pause(asked: str | None) -> float:
    """How many seconds a server that has no time asks for; one, if it does not say."""
    return max(float(asked), 1.0) if asked and asked.isdecimal() else 1.0


def _describe(error: Exception) -> str:
    return str(error) or type(error).__name__


def _refuse(status: int, call: str, content: bytes) -> None:
    detail = _message(content) or f"HTTP {status}"
    kind = RefusedError if _DENIED in detail else _FAILURES.get(status, UpstreamError)
    raise kind("kubernetes", call, detail)


def _message(content: bytes) -> str:
    try:
        return str(json.loads(content)["message"])[:500]
    except (ValueError, KeyError, TypeError):
        return content[:200].decode(errors="replace").strip()

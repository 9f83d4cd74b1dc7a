"""Requests to one API server: each with a deadline, and errors that say who must act.

Objects go in and out as plain JSON: the generated models of the client library
would be validated twice and know no TFJob.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import closing, nullcontext, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
from kubernetes.aio import client
from kubernetes.aio.client.rest import RESTResponse

from mnist_operator.clock import ServerClock
from mnist_operator.errors import NotFoundError, UpstreamError
from mnist_operator.kube.answers import (
    gather,
    read_event,
    read_list,
    read_object,
    read_whole,
    split_lines,
)
from mnist_operator.kube.contact import Contact, Credentials
from mnist_operator.kube.failures import describe, reaching, refuse
from mnist_operator.traffic import Turnstile

__all__ = ["AT_ONCE", "Body", "Transport"]

_JSON = "application/json, */*"
_ACCEPT_JSON: Mapping[str, str] = {"Accept": _JSON}
_PAGE = 500
"""Objects asked for at once: as many as kubectl asks for."""
_LOGGER = logging.getLogger(__name__)
AT_ONCE = 32
"""Calls at the same time: the API server gives one user a fair share of its own."""
_DEADLINE = aiohttp.ClientTimeout(30.0)
_WATCH_DEADLINE = aiohttp.ClientTimeout(75.0)
_PING_DEADLINE = aiohttp.ClientTimeout(3.0)
_ENDLESS = aiohttp.ClientTimeout(total=None, sock_connect=30.0)
"""For what comes when it comes, such as a log that is followed."""
_FIRST_ERROR = 400
_UNAUTHORIZED, _BUSY, _FIRST_FAILURE = 401, 429, 500
_BUSY_SECONDS = 10.0
"""How long one call waits for a server that has no time."""
Body = dict[str, Any]


class Transport:
    """Sends requests, and translates what comes back."""

    def __init__(
        self,
        api: client.ApiClient,
        namespace: str = "",
        renew: Callable[[], Awaitable[object]] | None = None,
        *,
        at_once: int = AT_ONCE,
    ) -> None:
        self._api = api
        self._renew = renew
        self._renewing = asyncio.Lock()
        self.namespace = namespace or "default"
        """The kubeconfig's own; for those who name none."""
        self.clock = ServerClock(lambda: datetime.now(UTC))
        self.contact = Contact()
        self.turns = Turnstile(at_once)
        """Who may call now; watches and logs need no turn."""

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
            await self.call("GET", "/version", timeout=_PING_DEADLINE, express=True)

    async def find(
        self,
        path: str,
        timeout: aiohttp.ClientTimeout = _DEADLINE,
        *,
        express: bool = False,
    ) -> Body | None:
        """One object; None when it is not there."""
        try:
            answer = await self.call("GET", path, timeout=timeout, express=express)
        except NotFoundError:
            return None
        return read_whole(answer, f"GET {path}")

    async def ask(self, path: str) -> Body | None:
        """What the server says of itself; None when there is no such page."""
        with suppress(NotFoundError):
            return read_object(await self.call("GET", path), f"GET {path}")
        return None

    async def items(self, path: str, query: Mapping[str, str]) -> list[Body]:
        """The objects of a list."""
        answer = await self.call("GET", path, query=query)
        return list(read_list(answer, f"GET {path}")["items"])

    async def pages(
        self, path: str, query: Mapping[str, str], *, accept: str = _JSON
    ) -> AsyncGenerator[list[Body]]:
        """The objects of a long list, page by page, as they were at its first one.

        Raises:
            UpstreamError: Also when the list took so long that the server forgot it.
        """
        wanted = {**query, "limit": str(_PAGE)}
        while True:
            answer = await self.call("GET", path, query=wanted, accept=accept)
            found = read_list(answer, f"GET {path}")
            yield found["items"]
            token = found["metadata"].get("continue")
            if not token:
                return
            wanted["continue"] = token

    async def watch(self, path: str, query: Mapping[str, str]) -> AsyncGenerator[Body]:
        """The events of one watch, as long as it lasts."""
        with reaching(f"WATCH {path}"):
            sent = await self._send("GET", path, query=query, timeout=_WATCH_DEADLINE)
            with closing(sent.response) as response:
                if response.status >= _FIRST_ERROR:
                    refuse(response.status, f"WATCH {path}", await response.read())
                pieces = response.content.iter_any()
                async for line in split_lines(pieces, f"WATCH {path}"):
                    yield read_event(line, f"WATCH {path}")

    async def stream(
        self, path: str, query: Mapping[str, str]
    ) -> AsyncGenerator[bytes]:
        """What one answer brings, piece by piece, however long that takes."""
        with reaching(f"GET {path}"):
            sent = await self._send("GET", path, query=query, timeout=_ENDLESS)
            with closing(sent.response) as response:
                if response.status >= _FIRST_ERROR:
                    refuse(response.status, f"GET {path}", await response.read())
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
        accept: str = _JSON,
        timeout: aiohttp.ClientTimeout = _DEADLINE,
        express: bool = False,
    ) -> bytes:
        """One request. Raises an UpstreamError for any answer but success.

        An express one waits for no turn: what it is for would be over by then.
        """
        call = f"{method} {path}"
        async with nullcontext() if express else self.turns.turn():
            with reaching(call):
                response = await self._send(
                    method,
                    path,
                    body,
                    query=query,
                    headers={"Accept": accept, "Content-Type": kind},
                    timeout=timeout,
                )
                with closing(response.response) as received:
                    content = await gather(received.content.iter_any(), call)
        if response.status >= _FIRST_ERROR:
            refuse(response.status, call, content)
        return content

    async def _send(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] = _ACCEPT_JSON,
        timeout: aiohttp.ClientTimeout = _DEADLINE,
    ) -> RESTResponse:
        send = partial(
            self._send_once,
            method,
            path,
            body,
            query=query,
            headers=headers,
            timeout=timeout,
        )
        used = await self._token()
        try:
            answer = await send()
            if answer.status == _UNAUTHORIZED and await self._renewed(used):
                answer.response.close()
                answer = await send()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            self.contact.note(describe(error))
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
        headers: Mapping[str, str],
        timeout: aiohttp.ClientTimeout,
    ) -> RESTResponse:
        # All that the client's own way adds is a copy of what is plain JSON already.
        url = f"{self._api.configuration.host}{path}{_query(query)}"
        token = await self._token()
        known = {"authorization": token} if token else {}
        told = {**self._api.default_headers, **headers, **known}
        now = asyncio.get_running_loop().time
        end = now() + min(timeout.total or 0.0, _BUSY_SECONDS)
        while True:
            sent = self._api.rest_client.request(
                method, url, headers=dict(told), body=body, _request_timeout=timeout
            )
            answer = await self.contact.time(method, path, sent)
            if answer.status != _BUSY:
                self.turns.went_well()
                return answer
            pause = self.turns.is_busy(_pause(answer.headers.get("Retry-After")))
            if now() + pause > end:
                return answer
            # Nothing has happened, so that even a POST may be sent again; and what is
            # sent only once, such as an Event, would be lost else.
            answer.response.close()
            await asyncio.sleep(pause)


def _query(query: Mapping[str, str] | None) -> str:
    return f"?{urlencode(query, quote_via=quote)}" if query else ""


def _pause(asked: str | None) -> float:
    """How many seconds a server that has no time asks for; one, if it does not say."""
    return max(float(asked), 1.0) if asked and asked.isdecimal() else 1.0

"""Raw requests to an API server, with just enough around them to read well."""

import asyncio
import base64
import json
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml

PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Access:
    """Where a server is and how to be let in."""

    url: str
    headers: dict[str, str]
    tls: ssl.SSLContext | bool
    kubeconfig: Path

    @classmethod
    def read(cls, kubeconfig: Path) -> "Access":
        config = yaml.safe_load(kubeconfig.read_text())
        named = {
            kind: {one["name"]: one[kind] for one in config[f"{kind}s"]}
            for kind in ("cluster", "user", "context")
        }
        context = named["context"][config["current-context"]]
        cluster, user = (
            named["cluster"][context["cluster"]],
            named["user"][context["user"]],
        )
        token = user.get("token")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return cls(cluster["server"], headers, _tls(cluster, user), kubeconfig)


def _tls(cluster: dict[str, Any], user: dict[str, Any]) -> ssl.SSLContext | bool:
    if not cluster["server"].startswith("https"):
        return True
    authority = cluster.get("certificate-authority-data")
    data = base64.b64decode(authority).decode() if authority else None
    context = ssl.create_default_context(
        cafile=cluster.get("certificate-authority"), cadata=data
    )
    if cluster.get("insecure-skip-tls-verify"):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if "client-certificate" in user:
        context.load_cert_chain(user["client-certificate"], user["client-key"])
    return context


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Any

    def __getitem__(self, key: str) -> Any:
        return self.body[key]


class Api:
    """One HTTP session with a server."""

    def __init__(self, session: aiohttp.ClientSession, access: Access) -> None:
        self._session = session
        self._access = access

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        content: str = "application/json",
        accept: str = "application/json",
        **query: Any,
    ) -> Answer:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {**self._access.headers, "Accept": accept, "Content-Type": content}
        async with self._session.request(
            method,
            self._access.url + path,
            data=None if body is None else data,
            params={key: str(value) for key, value in query.items()},
            headers=headers,
            ssl=self._access.tls,
        ) as response:
            text = await response.text()
            parsed = json.loads(text) if text.startswith(("{", "[")) else text
            return Answer(response.status, parsed, response.headers)

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.ask("GET", path, **options)

    async def post(self, path: str, body: Any, **options: Any) -> Answer:
        return await self.ask("POST", path, body, **options)

    async def put(self, path: str, body: Any, **options: Any) -> Answer:
        return await self.ask("PUT", path, body, **options)

    async def delete(self, path: str, body: Any = None, **options: Any) -> Answer:
        return await self.ask("DELETE", path, body, **options)

    async def patch(
        self, path: str, body: Any, kind: str = "merge", **options: Any
    ) -> Answer:
        content = f"application/{kind}-patch+json"
        if kind == "apply":
            content = "application/apply-patch+yaml"
            options.setdefault("fieldManager", "tests")
        return await self.ask("PATCH", path, body, content, **options)

    @asynccontextmanager
    async def watch(self, path: str, **query: Any) -> AsyncIterator["Watching"]:
        async with self._session.get(
            self._access.url + path,
            params={"watch": "1", **{key: str(one) for key, one in query.items()}},
            headers=self._access.headers,
            ssl=self._access.tls,
        ) as response:
            yield Watching(response)

    async def until(
        self, path: str, wanted: Callable[[Answer], Any], **query: Any
    ) -> Answer:
        """Read until the answer is as wanted."""
        return await until(lambda: self.get(path, **query), wanted)


async def until(
    read: Callable[[], Awaitable[Any]], wanted: Callable[[Any], Any]
) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = await read()
        if wanted(found):
            return found
        if time.monotonic() > deadline:
            raise AssertionError(
                f"never as wanted, last: {getattr(found, 'body', found)}"
            )
        await asyncio.sleep(0.02)


async def hang_up() -> None:
    """Let connections come to their end before their loop does.

    With TLS that takes a word from the other side, for which nobody waits otherwise.
    """
    known = asyncio.get_running_loop()._transports
    async with asyncio.timeout(PATIENCE_SECONDS):
        while any(each._sock is not None for each in known.values()):
            await asyncio.sleep(0.01)


class Watching:
    """The events of one watch, one by one."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.status = response.status
        self._response = response

    async def next(self) -> tuple[str, Any]:
        line = await asyncio.wait_for(
            self._response.content.readline(), PATIENCE_SECONDS
        )
        if not line:
            raise EOFError
        event = json.loads(line)
        return event["type"], event["object"]

    async def names(self, count: int) -> list[tuple[str, str]]:
        events = [await self.next() for _ in range(count)]
        return [(kind, one["metadata"]["name"]) for kind, one in events]

    async def ended(self) -> bool:
        try:
            while True:
                await self.next()
        except (EOFError, aiohttp.ClientError):
            return True

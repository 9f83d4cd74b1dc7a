"""The client of the parts that work on the cluster: over HTTP, patient, and small."""

import asyncio
import itertools
import json
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, TypeAlias

import aiohttp

from local_cluster.kube.values import Json, Key, meta, stamp

__all__ = ["ClientError", "Door", "KubeClient", "Mirror", "path_of"]

_RETRY_SECONDS = 0.2
_NOT_FOUND = 404
_GONE = 410
_UNREACHABLE = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError)


class ClientError(Exception):
    """An answer that is not success."""

    def __init__(self, code: int, body: Json) -> None:
        super().__init__(body.get("message") or f"HTTP {code}")
        self.code = code
        self.body = body


def path_of(api: str, plural: str, key: Key = ("", ""), door: str = "") -> str:
    """Build a path: of a collection, an object, or a subresource."""
    namespace, name = key
    steps = ["/api" if "/" not in api else "/apis", api]
    steps += ["namespaces", namespace] if namespace else []
    return "/".join([*steps, plural, *filter(None, (name, door))])


@dataclass(frozen=True, slots=True)
class Door:
    """Where an API server is, and how it lets one in: the local one asks nothing."""

    url: str
    token: str = field(default="", repr=False)
    ca: Path | None = None
    """What vouches for a server with TLS."""


class KubeClient:
    """Requests to one API server."""

    def __init__(self, door: Door | str, component: str) -> None:
        self._door = door if isinstance(door, Door) else Door(door)
        self._component = component
        self._session: aiohttp.ClientSession | None = None
        self._numbers = itertools.count()

    async def __aenter__(self) -> Self:
        door = self._door
        headers = {"Authorization": f"Bearer {door.token}"} if door.token else {}
        tls = ssl.create_default_context(cafile=door.ca) if door.ca else True
        self._session = aiohttp.ClientSession(
            door.url,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=5),
            connector=aiohttp.TCPConnector(ssl=tls),
            headers=headers,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def call(
        self, method: str, path: str, body: Any = None, **query: str
    ) -> Json:
        """Make a request.

        Raises:
            ClientError: for any answer but success.
        """
        assert self._session is not None  # noqa: S101 - used as a context manager
        headers = {"User-Agent": self._component}
        if method == "PATCH":
            headers["Content-Type"] = "application/merge-patch+json"
        async with self._session.request(
            method, path, json=body, params=query, headers=headers
        ) as response:
            text = await response.text()
            if response.status >= 400:  # noqa: PLR2004
                raise ClientError(response.status, _status(text))
            answer: Json = json.loads(text)
            return answer

    async def insist(
        self, method: str, path: str, body: Any = None, **query: str
    ) -> Json | None:
        """Make a request until the server takes it; None if the object is gone."""
        while True:
            try:
                return await self.call(method, path, body, **query)
            except ClientError as error:
                if error.code == _NOT_FOUND:
                    return None
                if error.code < 500:  # noqa: PLR2004 - refused for good
                    raise
            except _UNREACHABLE:
                pass
            await asyncio.sleep(_RETRY_SECONDS)

    async def watch(self, path: str, **query: str) -> AsyncIterator[tuple[str, Json]]:
        """Yield changes until the server ends the stream."""
        assert self._session is not None  # noqa: S101 - used as a context manager
        wanted = {**query, "watch": "1", "allowWatchBookmarks": "true"}
        async with self._session.get(path, params=wanted) as response:
            if response.status >= 400:  # noqa: PLR2004
                raise ClientError(response.status, _status(await response.text()))
            buffer = b""
            async for chunk in response.content.iter_any():
                *lines, buffer = (buffer + chunk).split(b"\n")
                for line in lines:
                    change = json.loads(line)
                    yield change["type"], change["object"]

    async def tell(self, about: Json, kind: str, reason: str, message: str) -> None:
        """Record an Event; one that cannot be written is lost, as in real clusters."""
        involved, now = meta(about), datetime.now(UTC)
        namespace = involved["namespace"]
        tail = f"{int(now.timestamp() * 1e6):x}{next(self._numbers):x}"
        event = {
            "metadata": {"name": f"{involved['name']}.{tail}", "namespace": namespace},
            "involvedObject": {
                "apiVersion": about["apiVersion"],
                "kind": about["kind"],
                "name": involved["name"],
                "namespace": namespace,
                "uid": involved["uid"],
                "resourceVersion": involved["resourceVersion"],
            },
            "type": kind,
            "reason": reason,
            "message": message,
            "source": {"component": self._component},
            "reportingComponent": self._component,
            "firstTimestamp": stamp(now),
            "lastTimestamp": stamp(now),
            "count": 1,
        }
        try:
            await self.call("POST", path_of("v1", "events", (namespace, "")), event)
        except (ClientError, *_UNREACHABLE):
            return


def _status(text: str) -> Json:
    try:
        body = json.loads(text)
    except ValueError:
        return {"message": text}
    return body if isinstance(body, dict) else {}


_OnChange: TypeAlias = Callable[[str, Json], None]


class Mirror:
    """A copy of one resource, kept up to date through every interruption."""

    def __init__(self, client: KubeClient, path: str, on_change: _OnChange) -> None:
        self._client = client
        self._path = path
        self._on_change = on_change
        self.objects: dict[Key, Json] = {}

    async def run(self) -> None:
        """Follow the resource for ever."""
        while True:
            try:
                await self._follow(await self._list())
            except (ClientError, *_UNREACHABLE):
                await asyncio.sleep(_RETRY_SECONDS)

    async def _list(self) -> str:
        found = await self._client.call("GET", self._path)
        group = found["apiVersion"], found["kind"].removesuffix("List")
        listed = {
            _key(one): {"apiVersion": group[0], "kind": group[1], **one}
            for one in found["items"]
        }
        for key in self.objects.keys() - listed.keys():
            self._note("DELETED", self.objects[key])
        for key, one in listed.items():
            if self.objects.get(key) != one:
                self._note("ADDED", one)
        version: str = found["metadata"]["resourceVersion"]
        return version

    async def _follow(self, version: str) -> None:
        while True:
            changes = self._client.watch(self._path, resourceVersion=version)
            async for kind, document in changes:
                if kind == "ERROR":
                    raise ClientError(document.get("code", _GONE), document)
                version = meta(document)["resourceVersion"]
                if kind != "BOOKMARK":
                    self._note(kind, document)

    def _note(self, kind: str, document: Json) -> None:
        if kind == "DELETED":
            self.objects.pop(_key(document), None)
        else:
            self.objects[_key(document)] = document
        self._on_change(kind, document)


def _key(document: Json) -> Key:
    about = meta(document)
    return about.get("namespace", ""), about["name"]

"""The API server as a benchmark sees it: plain calls, and watches kept by a task.

On the same client library as the operator, so that whatever a kubeconfig says (TLS,
client certificates, tokens) holds here too.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Self

from kubernetes.aio import client, config

__all__ = ["Api", "ApiError", "Sighting"]

_EXISTS = 409
_FIRST_ERROR = 400
_WATCH_SECONDS = 3600
Body = dict[str, Any]


class ApiError(Exception):
    """An answer that is not success."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"HTTP {status}: {text[:500]}")
        self.status = status


class Api:
    """One API server."""

    def __init__(self, kubeconfig: Path) -> None:
        self._kubeconfig = kubeconfig
        self._client: Any = None

    async def __aenter__(self) -> Self:
        configuration = client.Configuration()
        await config.load_kube_config(
            config_file=str(self._kubeconfig), client_configuration=configuration
        )
        self._client = client.ApiClient(configuration)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def call(
        self, method: str, path: str, body: Body | None = None, **query: str
    ) -> Body:
        """Make a request; a PATCH is a merge patch."""
        response = await self._send(method, path, body, query)
        content = await response.read()
        if response.status >= _FIRST_ERROR:
            raise ApiError(response.status, content.decode(errors="replace"))
        return json.loads(content)

    async def ensure(self, collection: str, body: Body) -> None:
        """Create an object, unless it is there."""
        try:
            await self.call("POST", collection, body)
        except ApiError as error:
            if error.status != _EXISTS:
                raise

    async def watch(self, path: str) -> AsyncIterator[tuple[str, Body]]:
        """What happens in a collection from now on, as (type, object)."""
        version = (await self.call("GET", path))["metadata"]["resourceVersion"]
        query = {"watch": "1", "resourceVersion": version}
        query["timeoutSeconds"] = str(_WATCH_SECONDS)
        response = await self._send("GET", path, None, query)
        rest = b""
        async for chunk in response.response.content.iter_any():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                event = json.loads(line)
                yield event["type"], event["object"]
        raise AssertionError(f"the watch on {path} ended")

    async def _send(
        self, method: str, path: str, body: Body | None, query: dict[str, str]
    ) -> Any:
        kind = "application/json"
        if method == "PATCH":
            kind = "application/merge-patch+json"
        serialized = await self._client.param_serialize(
            method,
            path,
            query_params=list(query.items()),
            header_params={"Accept": "application/json", "Content-Type": kind},
            body=body,
            auth_settings=["BearerToken"],
        )
        seconds = _WATCH_SECONDS if "watch" in query else 30
        return await self._client.call_api(*serialized, _request_timeout=seconds)


class Sighting:
    """The newest state of each object of a collection, and waiting for one."""

    def __init__(self, api: Api, path: str, key: Callable[[Body], str]) -> None:
        self._api = api
        self._path = path
        self._key = key
        self._newest: dict[str, Body] = {}
        self._first: dict[str, float] = {}
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def when(
        self, key: str, holds: Callable[[Body], bool] = bool, *, seconds: float = 60
    ) -> tuple[Body, float]:
        """Wait for an object in such a state; return it, and when it first came.

        The moment is one of `time.perf_counter`.
        """
        try:
            async with asyncio.timeout(seconds):
                while not (key in self._newest and holds(self._newest[key])):
                    self._changed.clear()
                    await self._changed.wait()
                    if self._task.done():
                        await self._task
        except TimeoutError:
            found = json.dumps(self._newest.get(key))
            raise AssertionError(f"{self._path} {key} never came: {found}") from None
        return self._newest[key], self._first[key]

    async def _follow(self) -> None:
        try:
            async for _, found in self._api.watch(self._path):
                moment = time.perf_counter()
                key = self._key(found)
                self._newest[key] = found
                self._first.setdefault(key, moment)
                self._changed.set()
        finally:
            self._changed.set()

"""The API server as a program: listens, remembers, stops, dies and comes back."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from aiohttp import web

from local_cluster.faults import Faults
from local_cluster.kube.api import Api, Review
from local_cluster.kube.collector import Collector
from local_cluster.kube.doors import Doors
from local_cluster.kube.journal import Journal
from local_cluster.kube.reception import describe
from local_cluster.kube.registry import Registry
from local_cluster.kube.requests import Target, Writing
from local_cluster.kube.store import Store
from local_cluster.ports import HeldPort

__all__ = ["KubeServer"]

_MAX_BODY = 3 * 1024**2
_NAMESPACES = ("default", "kube-system")


class KubeServer:
    """A Kubernetes API server with its state under one folder."""

    def __init__(
        self,
        root: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: Faults | None = None,
        reviews: Mapping[str, Review] | None = None,
    ) -> None:
        self._host = host
        self._held = None if port else HeldPort(host)
        self._port = self._held.number if self._held else port
        self._runner: web.AppRunner | None = None
        self._store = Store(Journal(root / "kube.journal"))
        self._registry = Registry(self._store)
        self._api = Api(
            self._store, self._registry, lambda: datetime.now(UTC), reviews or {}
        )
        self._collector = Collector(self._store, self._registry, self._api.deleter)
        self._doors = Doors(self._api, faults or Faults())

    @property
    def url(self) -> str:
        """The server's address, before every start as well."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Read the journal and listen; after a stop, on the same port."""
        self._store.open()
        self._registry.open()
        self._ensure_namespaces()
        self._collector.start()
        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, reuse_address=True)
        await site.start()

    async def stop(self) -> None:
        """End all watches and stop listening."""
        self._store.end_feeds(ConnectionAbortedError("the server stops"))
        await self._close()

    async def kill(self) -> None:
        """Break every connection off, as a killed process would."""
        server = self._runner.server if self._runner else None
        for connection in list(server.connections) if server else ():
            transport = connection.transport
            if transport is not None:
                transport.abort()
        await self._close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def expire(self) -> None:
        """Forget the history: watches get 410 Gone, as after a compaction."""
        self._store.expire()

    def cut_watches(self) -> None:
        """End every running watch, as real servers do when its time is over."""
        self._store.end_feeds(ConnectionAbortedError("cut"))

    def write_kubeconfig(self, path: Path) -> Path:
        """Write a kubeconfig, readable by its owner alone."""
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "local",
            "clusters": [{"name": "local", "cluster": {"server": self.url}}],
            "users": [{"name": "local", "user": {"token": "local"}}],
            "contexts": [
                {
                    "name": "local",
                    "context": {
                        "cluster": "local",
                        "user": "local",
                        "namespace": "default",
                    },
                }
            ],
        }
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        return path

    async def _close(self) -> None:
        self._collector.stop()
        self._store.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        await asyncio.sleep(0)

    def _ensure_namespaces(self) -> None:
        kind = self._registry.find("", "v1", "namespaces")
        assert kind is not None  # noqa: S101 - a built-in kind
        for name in _NAMESPACES:
            if self._store.get("namespaces", ("", name)) is None:
                target = Target(kind, "", name)
                self._api.create(target, {"metadata": {"name": name}}, Writing())

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        return describe(self._registry, request) or await self._doors.handle(request)

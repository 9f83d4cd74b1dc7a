"""All trainings as they are now, by one watch for everybody who looks."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from typing import Any

from mnist_operator.cli.clusters import Cluster
from mnist_operator.cli.dashboard.cards import Card, read_card
from mnist_operator.cli.failures import explain_cluster
from mnist_operator.cli.statements import key_of
from mnist_operator.errors import OperatorError

__all__ = ["Board"]

Body = dict[str, Any]

_AGAIN_SECONDS = 2.0


class Board:
    """What the watch has told; it tells who listens what has changed."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self._cluster = cluster
        self.namespace = namespace
        """Whose trainings it tells of; empty: all."""
        self._bodies: dict[str, Body] = {}
        self._listeners: set[Callable[[str], None]] = set()
        self._first = asyncio.Event()
        self.listed = False
        """Whether it was ever known which trainings there are."""
        self.trouble = ""
        """Why nothing newer is known, in one line; empty while all is well."""

    @property
    def bodies(self) -> Mapping[str, Body]:
        """The objects, by namespace/name."""
        return self._bodies

    def cards(self) -> list[Card]:
        """All of them at a glance."""
        return [read_card(each) for each in self._bodies.values()]

    async def wait(self, seconds: float) -> None:
        """Wait for the first list, or for the first trouble, so long at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._first.wait()

    def listen(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Be told the name of each training that changes, until one calls the end."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    async def follow(self) -> None:
        """Watch for as long as the process lives; an outage is told and waited for."""
        while True:
            try:
                async with aclosing(self._cluster.watch(self.namespace)) as events:
                    await self._take_all(events)
            except OperatorError as error:
                self._note(explain_cluster(error, self._cluster.server))
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _take_all(self, events: AsyncGenerator[Body]) -> None:
        async for event in events:
            match event["type"]:
                case "LISTED":
                    self._replace(event["items"])
                case "DELETED":
                    self._forget(key_of(event["object"]))
                case _:
                    self._put(event["object"])

    def _replace(self, bodies: list[Body]) -> None:
        gone = self._bodies.keys() - {key_of(each) for each in bodies}
        for key in gone:
            self._forget(key)
        for each in bodies:
            self._put(each)
        self.listed = True
        self._note("")

    def _put(self, body: Body) -> None:
        key = key_of(body)
        known = self._bodies.get(key)
        meta = {k: v for k, v in body["metadata"].items() if k != "managedFields"}
        self._bodies[key] = {**body, "metadata": meta}
        if known is None or _version(known) != _version(body):
            self._tell(key)

    def _forget(self, key: str) -> None:
        if self._bodies.pop(key, None) is not None:
            self._tell(key)

    def _note(self, trouble: str) -> None:
        changed = trouble != self.trouble
        self.trouble = trouble
        self._first.set()
        if changed:
            self._tell("")

    def _tell(self, key: str) -> None:
        for each in tuple(self._listeners):
            each(key)


def _version(body: Body) -> Any:
    return body["metadata"].get("resourceVersion")

"""Holds every object with its history: one counter of versions, many watchers."""

import asyncio
import json
from bisect import bisect_left, insort
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from local_cluster.kube.failures import expired
from local_cluster.kube.journal import Journal
from local_cluster.kube.values import Json, Key, meta

__all__ = ["Change", "Feed", "Store"]

ChangeType: TypeAlias = Literal["ADDED", "MODIFIED", "DELETED"]

_WINDOW = 10_000
"""Changes kept per resource for watches that come back."""


@dataclass(frozen=True, slots=True)
class Change:
    """One step in an object's life."""

    type: ChangeType
    version: int
    document: Json
    before: Json | None = None
    text: str = field(default="", compare=False)
    """The document as JSON, made once for all watchers."""


@dataclass(slots=True, eq=False)
class Feed:
    """What one watcher has still to be told."""

    queue: deque[Change | Exception] = field(default_factory=deque)
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def push(self, item: Change | Exception) -> None:
        """Add something to tell."""
        self.queue.append(item)
        self.ready.set()

    def take(self) -> list[Change | Exception]:
        """Take all there is."""
        items = list(self.queue)
        self.queue.clear()
        self.ready.clear()
        return items


class Store:
    """All objects; writes are synchronous, hence atomic on one event loop."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._objects: defaultdict[str, dict[Key, Json]] = defaultdict(dict)
        self._keys: defaultdict[str, list[Key]] = defaultdict(list)
        self._history: defaultdict[str, deque[Change]] = defaultdict(
            lambda: deque(maxlen=_WINDOW)
        )
        self._feeds: defaultdict[str, set[Feed]] = defaultdict(set)
        self._listeners: list[Callable[[str, Change], None]] = []
        self._oldest = 0
        self.version = 0

    def open(self) -> None:
        """Read the journal; older versions than now cannot be watched from."""
        saved = self._journal.open()
        self._objects.clear()
        self._history.clear()
        self._objects.update(saved.objects)
        self._keys.clear()
        self._keys.update({name: sorted(each) for name, each in saved.objects.items()})
        # A new server has no history: one step on, whoever watched must list anew.
        self.version = self._oldest = saved.version + 1
        self._journal.mark(self.version)

    def close(self) -> None:
        """Let go of the journal: later writes fail."""
        self._journal.close()

    def listen(self, listener: Callable[[str, Change], None]) -> None:
        """Call back on every change, within the write."""
        self._listeners.append(listener)

    def get(self, resource: str, key: Key) -> Json | None:
        """Return an object, to be read only."""
        return self._objects[resource].get(key)

    def all(self, resource: str, namespace: str = "") -> list[Json]:
        """Return all objects of a resource in order, to be read only."""
        objects, keys = self._objects[resource], self._keys[resource]
        if namespace:
            # The name after this one, whichever others there are.
            ends = (namespace, ""), (f"{namespace}\0", "")
            first, last = (bisect_left(keys, end) for end in ends)
            keys = keys[first:last]
        return [objects[key] for key in keys]

    def resources(self) -> list[str]:
        """Name every resource that has objects."""
        return [resource for resource, objects in self._objects.items() if objects]

    def put(self, resource: str, document: Json) -> Json:
        """Write an object (taken over, not copied) under the next version."""
        about = meta(document)
        key = (about.get("namespace", ""), about["name"])
        before = self._objects[resource].get(key)
        version = self.version + 1
        about["resourceVersion"] = str(version)
        text = json.dumps(document, separators=(",", ":"))
        self._journal.put(version, resource, text)
        self.version = version
        self._objects[resource][key] = document
        if before is None:
            insort(self._keys[resource], key)
        kind: ChangeType = "MODIFIED" if before else "ADDED"
        self._tell(resource, Change(kind, version, document, before, text))
        return document

    def remove(self, resource: str, key: Key) -> Json:
        """Take an object out; its last state carries the version of the removal."""
        before = self._objects[resource][key]
        version = self.version + 1
        self._journal.remove(version, resource, key)
        self.version = version
        del self._objects[resource][key]
        keys = self._keys[resource]
        del keys[bisect_left(keys, key)]
        about = {**meta(before), "resourceVersion": str(version)}
        document = {**before, "metadata": about}
        text = json.dumps(document, separators=(",", ":"))
        self._tell(resource, Change("DELETED", version, document, before, text))
        return document

    def since(self, resource: str, version: int) -> list[Change]:
        """Return what happened after a version.

        Raises:
            ApiError: 410 when that version is no longer kept.
        """
        history = self._history[resource]
        full = len(history) == _WINDOW
        oldest = max(self._oldest, history[0].version - 1 if full else 0)
        if version < oldest:
            raise expired(f"too old resource version: {version} ({oldest})")
        return [change for change in history if change.version > version]

    @contextmanager
    def feed(self, resource: str) -> Iterator[Feed]:
        """Follow a resource from now on."""
        feed = Feed()
        self._feeds[resource].add(feed)
        try:
            yield feed
        finally:
            self._feeds[resource].discard(feed)

    def expire(self) -> None:
        """Forget all history: running watches and all older versions get 410."""
        self.version += 1
        self._journal.mark(self.version)
        self._oldest = self.version
        self._history.clear()
        self.end_feeds(expired(f"too old resource version: 1 ({self.version})"))

    def end_feeds(self, error: Exception, resource: str | None = None) -> None:
        """End the running watches of one resource, or of all."""
        for name in list(self._feeds) if resource is None else [resource]:
            for feed in self._feeds[name]:
                feed.push(error)

    def _tell(self, resource: str, change: Change) -> None:
        self._history[resource].append(change)
        for feed in self._feeds[resource]:
            feed.push(change)
        for listener in self._listeners:
            listener(resource, change)

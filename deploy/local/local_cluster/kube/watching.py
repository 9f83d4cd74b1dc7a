"""Watches: what a client is told, in which order, until when."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus

from local_cluster.kube.failures import ApiError, bad_request
from local_cluster.kube.requests import Target
from local_cluster.kube.selectors import Selector
from local_cluster.kube.store import Change, Store
from local_cluster.kube.values import Json, meta

__all__ = ["Watch", "follow"]

BOOKMARK_SECONDS = 55.0
"""Real servers send one about once a minute; kopf gives a watch up after 70 s."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What a client wants to be told."""

    target: Target
    selector: Selector
    version: str = ""
    bookmarks: bool = False
    initial_events: bool = False
    seconds: float = 1800.0
    render: Callable[[Json], Json] | None = None
    """How to show objects, when not as they are."""


async def follow(store: Store, watch: Watch) -> AsyncGenerator[bytes, None]:
    """Yield lines for a watch, several at a time, until its time is over."""
    resource = watch.target.kind.resource
    with store.feed(resource) as feed:
        try:
            yield _join(watch, _beginning(store, watch))
        except ApiError as error:
            yield _line("ERROR", error.body())
            return
        loop = asyncio.get_running_loop()
        end = loop.time() + watch.seconds
        while (left := end - loop.time()) > 0:
            try:
                async with asyncio.timeout(min(left, BOOKMARK_SECONDS)):
                    await feed.ready.wait()
            except TimeoutError:
                if watch.bookmarks:
                    yield _bookmark(watch, store.version)
                continue
            items = feed.take()
            yield _join(watch, (one for one in items if isinstance(one, Change)))
            failure = next((one for one in items if isinstance(one, Exception)), None)
            if isinstance(failure, ApiError) and failure.code == HTTPStatus.GONE:
                yield _line("ERROR", failure.body())
            if failure is not None:
                return


def _beginning(store: Store, watch: Watch) -> list[Change | bytes]:
    """Return what is told first: the state, or what was missed since a version."""
    resource = watch.target.kind.resource
    missed: list[Change | bytes]
    if watch.version in {"", "0"} or watch.initial_events:
        missed = [*_state(store, watch)]
    else:
        missed = [*store.since(resource, _number(watch.version))]
    if watch.initial_events and watch.bookmarks:
        missed.append(_bookmark(watch, store.version, initial=True))
    return missed


def _number(version: str) -> int:
    try:
        return int(version)
    except ValueError as error:
        raise bad_request(f"invalid resource version: {version}") from error


def _state(store: Store, watch: Watch) -> Iterator[Change]:
    resource = watch.target.kind.resource
    for document in store.all(resource, watch.target.namespace):
        yield Change("ADDED", int(meta(document)["resourceVersion"]), document)


def _join(watch: Watch, changes: Iterator[Change] | list[Change | bytes]) -> bytes:
    return b"".join(
        change if isinstance(change, bytes) else _tell(watch, change)
        for change in changes
    )


def _tell(watch: Watch, change: Change) -> bytes:
    """Write a change as this watch sees it; nothing when it does not concern it."""
    namespace = watch.target.namespace
    if namespace and meta(change.document).get("namespace") != namespace:
        return b""
    kind = _seen_as(watch, change)
    if kind is None:
        return b""
    document = watch.target.kind.identify(change.document)
    if watch.render is None and document is change.document and change.text:
        return f'{{"type":"{kind}","object":{change.text}}}\n'.encode()
    return _line(kind, watch.render(document) if watch.render else document)


def _seen_as(watch: Watch, change: Change) -> str | None:
    """An object that begins or ceases to match appears or disappears."""
    now = watch.selector(change.document)
    before = change.before is not None and watch.selector(change.before)
    match change.type, before, now:
        case "DELETED", was, _:
            return "DELETED" if was else None
        case _, True, False:
            return "DELETED"
        case _, False, True:
            return "ADDED"
        case _, True, True:
            return "MODIFIED"
        case _:
            return None


def _bookmark(watch: Watch, version: int, *, initial: bool = False) -> bytes:
    kind = watch.target.kind
    about: Json = {"resourceVersion": str(version), "creationTimestamp": None}
    if initial:
        about["annotations"] = {"k8s.io/initial-events-end": "true"}
    body = {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": about}
    return _line("BOOKMARK", body)


def _line(kind: str, document: Json) -> bytes:
    event = {"type": kind, "object": document}
    return json.dumps(event, separators=(",", ":")).encode() + b"\n"

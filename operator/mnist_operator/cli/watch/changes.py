"""MnistTrainings as they change: one of them, or all of a namespace."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from mnist_operator.cli.clusters import Cluster
from mnist_operator.cli.failures import explain_cluster
from mnist_operator.cli.statements import dig
from mnist_operator.errors import DeniedError, UpstreamError

__all__ = ["Change", "follow_all", "follow_one"]

_AGAIN_SECONDS = 1.0
Body = Mapping[str, Any]
Key = tuple[str, str]
Lost = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Change:
    """A MnistTraining as it is now."""

    namespace: str
    name: str
    body: Body | None
    """None when it is gone."""


async def follow_one(
    cluster: Cluster, namespace: str, name: str, lost: Lost
) -> AsyncGenerator[Change]:
    """One of them, until it is gone.

    Raises:
        NotThereError: It is not there.
    """
    async with aclosing(cluster.follow(namespace, name, lost=lost)) as bodies:
        async for body in bodies:
            yield Change(namespace, name, body)
    yield Change(namespace, name, None)


async def follow_all(
    cluster: Cluster, namespace: str, lost: Lost
) -> AsyncGenerator[Change]:
    """All that there are and that there will be, without end.

    An outage is told once and waited for.
    """
    known: dict[Key, Body] = {}
    told = False
    while True:
        try:
            async with aclosing(cluster.watch(namespace)) as events:
                async for event in events:
                    told = False
                    for change in _compare(known, event):
                        yield change
        except DeniedError:
            raise
        except UpstreamError as error:
            if not told:
                lost(explain_cluster(error, cluster.server))
            told = True
        await asyncio.sleep(_AGAIN_SECONDS)


def _compare(known: dict[Key, Body], event: Body) -> list[Change]:
    """What an event says that was not known; from now on it is."""
    if event["type"] == "LISTED":
        found = {_key(each): each for each in event["items"]}
        gone = known.keys() - found.keys()
    else:
        key = _key(event["object"])
        is_gone = event["type"] == "DELETED"
        found = {} if is_gone else {key: event["object"]}
        gone = known.keys() & {key} if is_gone else set()
    for key in gone:
        del known[key]
    fresh = {k: v for k, v in found.items() if _version(v) != _version(known.get(k))}
    known |= fresh
    return [
        *(Change(*key, None) for key in sorted(gone)),
        *(Change(*key, body) for key, body in fresh.items()),
    ]


def _key(body: Body) -> Key:
    return str(dig(body, "metadata", "namespace")), str(dig(body, "metadata", "name"))


def _version(body: Body | None) -> Any:
    return dig(body, "metadata", "resourceVersion") if body is not None else None

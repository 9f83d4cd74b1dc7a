"""Noticing by ourselves what kopf does not: a kind or a namespace that comes later.

kopf hears of kinds from the definitions of resources, which only a ClusterRole may
read. Without one it looks once, at its start; so it has to be started anew. Of a named
namespace it never hears if that is made between its first look and its watch.
"""

import asyncio
import logging
from typing import Protocol

from mnist_operator.errors import DeniedError, UpstreamError
from mnist_operator.resource import GROUP, PLURAL, VERSION
from mnist_operator.tfjob import TFJOB_GROUP, TFJOB_PLURAL, TFJOB_VERSION

__all__ = ["KINDS", "find_absent", "find_missing", "wait_for_any", "wait_for_namespace"]

_LOGGER = logging.getLogger(__name__)

Kind = tuple[str, str, str]
KINDS: tuple[Kind, ...] = (
    (GROUP, VERSION, PLURAL),
    (TFJOB_GROUP, TFJOB_VERSION, TFJOB_PLURAL),
)


class _Server(Protocol):
    async def serves(self, group: str, version: str, plural: str) -> bool: ...

    async def list_namespaces(self) -> list[str]: ...


async def find_missing(server: _Server) -> list[Kind]:
    """The kinds that are not served now; all of them while nobody tells."""
    try:
        return [kind for kind in KINDS if not await server.serves(*kind)]
    except UpstreamError:
        return list(KINDS)


async def wait_for_any(server: _Server, missing: list[Kind], pause: float) -> None:
    """Return when one of these is served; never, when there are none."""
    if not missing:
        await asyncio.Event().wait()
    for group, _, plural in missing:
        _LOGGER.info("Looking for %s.%s until they are served.", plural, group)
    while True:
        await asyncio.sleep(pause)
        for kind in missing:
            try:
                if await server.serves(*kind):
                    return
            except UpstreamError:
                break


async def find_absent(server: _Server, names: list[str]) -> list[str]:
    """Those of these namespaces that are not there now; none where we may not look."""
    if not names:
        return []
    try:
        there = await server.list_namespaces()
    except DeniedError:
        return []
    except UpstreamError:
        return names
    return [name for name in names if name not in there]


async def wait_for_namespace(server: _Server, absent: list[str], pause: float) -> None:
    """Return when one of these namespaces is there; never, when there are none."""
    if not absent:
        await asyncio.Event().wait()
    while True:
        await asyncio.sleep(pause)
        if await find_absent(server, absent) != absent:
            return

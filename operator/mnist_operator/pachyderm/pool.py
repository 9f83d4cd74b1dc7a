"""Clients shared: one for each connection, however many trainings use it."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from mnist_operator.pachyderm.channel import AT_ONCE, Heard
from mnist_operator.pachyderm.client import Pachyderm
from mnist_operator.pachyderm.connection import Connection
from mnist_operator.pachyderm.presumed import Glances

__all__ = ["Connections"]

# Longer than any pause of a training that is at work; a token that was replaced
# must not keep its channel for good.
_IDLE_SECONDS = 900.0


_SWEEPS = 10
"""So often in that time is looked for those that nobody uses."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """How far a client's calls were at a moment."""

    calls_made: int
    at: float


class Connections:
    """Hands out clients, and hangs up those that nobody uses any more."""

    def __init__(
        self,
        *,
        idle_seconds: float = _IDLE_SECONDS,
        at_once: int = AT_ONCE,
        heard: Heard | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._idle_seconds = idle_seconds
        self._at_once = at_once
        self._heard = heard
        self._now = now
        self._clients: dict[Connection, Pachyderm] = {}
        self._seen: dict[Connection, _Seen] = {}
        self._swept = -math.inf
        self._glances: dict[Pachyderm, Glances] = {}

    def __len__(self) -> int:
        """How many clients are kept."""
        return len(self._clients)

    async def get(self, connection: Connection) -> Pachyderm:
        """Find the client for a connection, or make it; nothing is dialled yet."""
        client = self._clients.get(connection)
        if client is None:
            client = Pachyderm(connection, at_once=self._at_once)
            if self._heard is not None:
                client.calls.heard = self._heard
            self._clients[connection] = client
        self._seen[connection] = _Seen(client.calls_made, self._now())
        await self._drop_idle()
        return client

    def glance(self, client: Pachyderm) -> Pachyderm:
        """The same client, but for a glance: see `Glances`."""
        glances = self._glances.get(client) or Glances(client)
        if client is self._clients.get(client.connection):
            self._glances[client] = glances
        return glances.client()

    async def close(self) -> None:
        """Hang up all of them."""
        clients = list(self._clients.values())
        self._clients.clear()
        self._seen.clear()
        self._glances.clear()
        for client in clients:
            await client.close()

    async def _drop_idle(self) -> None:
        now = self._now()
        if now - self._swept < self._idle_seconds / _SWEEPS:
            return  # With a token for each of thousands, each look would see them all.
        self._swept = now
        for connection, client in list(self._clients.items()):
            seen = self._seen[connection]
            if client.busy or client.calls_made != seen.calls_made:
                self._seen[connection] = _Seen(client.calls_made, now)
            elif now - seen.at >= self._idle_seconds:
                # In someone's hands it stays usable: it dials again when called.
                del self._clients[connection], self._seen[connection]
                self._glances.pop(client, None)
                await client.close()

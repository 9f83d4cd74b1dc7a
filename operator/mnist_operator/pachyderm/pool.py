"""Clients shared: one for each connection, however many trainings use it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from mnist_operator.pachyderm.client import Pachyderm
from mnist_operator.pachyderm.connection import Connection

__all__ = ["Connections"]

# Longer than any pause of a training that is at work; a token that was replaced
# must not keep its channel for good.
_IDLE_SECONDS = 900.0


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
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._idle_seconds = idle_seconds
        self._now = now
        self._clients: dict[Connection, Pachyderm] = {}
        self._seen: dict[Connection, _Seen] = {}

    def __len__(self) -> int:
        """How many clients are kept."""
        return len(self._clients)

    async def get(self, connection: Connection) -> Pachyderm:
        """Find the client for a connection, or make it; nothing is dialled yet."""
        client = self._clients.get(connection)
        if client is None:
            client = self._clients[connection] = Pachyderm(connection)
        self._seen[connection] = _Seen(client.calls_made, self._now())
        await self._drop_idle()
        return client

    async def close(self) -> None:
        """Hang up all of them."""
        clients = list(self._clients.values())
        self._clients.clear()
        self._seen.clear()
        for client in clients:
            await client.close()

    async def _drop_idle(self) -> None:
        now = self._now()
        for connection, client in list(self._clients.items()):
            seen = self._seen[connection]
            if client.busy or client.calls_made != seen.calls_made:
                self._seen[connection] = _Seen(client.calls_made, now)
            elif now - seen.at >= self._idle_seconds:
                # In someone's hands it stays usable: it dials again when called.
                del self._clients[connection], self._seen[connection]
                await client.close()

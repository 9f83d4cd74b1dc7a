"""Clients shared: one for each connection, however many trainings use it."""

import time
from collections.abc import Callable

from mnist_operator.pachyderm.client import Pachyderm
from mnist_operator.pachyderm.connection import Connection

__all__ = ["Connections"]

# Longer than any pause of a training that is at work; a token that was replaced
# must not keep its channel for good.
_IDLE_SECONDS = 900.0


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
        self._used: dict[Connection, float] = {}

    def __len__(self) -> int:
        """How many clients are kept."""
        return len(self._clients)

    async def get(self, connection: Connection) -> Pachyderm:
        """Find the client for a connection, or make it; nothing is dialled yet."""
        self._used[connection] = self._now()
        client = self._clients.get(connection)
        if client is None:
            client = self._clients[connection] = Pachyderm(connection)
        await self._drop_idle()
        return client

    async def close(self) -> None:
        """Hang up all of them."""
        clients = list(self._clients.values())
        self._clients.clear()
        self._used.clear()
        for client in clients:
            await client.close()

    async def _drop_idle(self) -> None:
        # A client in someone's hands stays usable: it dials again when called.
        limit = self._now() - self._idle_seconds
        for connection in [key for key, used in self._used.items() if used <= limit]:
            if not self._clients[connection].busy:
                del self._used[connection]
                await self._clients.pop(connection).close()

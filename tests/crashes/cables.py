"""The cable between an operator and one server, which can be cut in either direction.

Bytes alone: what is spoken there makes no difference. A cut that heals delivers what
was on its way, as TCP does after a short outage; or the connections that were there
are gone; or nobody tells them, and they stay silent for ever.
"""

import asyncio
from contextlib import suppress
from enum import Enum
from typing import Self

__all__ = ["Cable", "Cut", "Healing"]

_BYTES = 1 << 16


class Cut(Enum):
    """What does not come through."""

    REQUESTS = "requests do not arrive"
    ANSWERS = "requests arrive, and answers are lost"
    ALL = "nothing comes through, and nobody says so"
    REFUSED = "connections are refused"


class Healing(Enum):
    """What becomes of the connections that were there during a cut."""

    DELIVERED = "what was on its way arrives"
    RESET = "they are reset"
    FORGOTTEN = "they stay silent for ever"


class _Gates:
    """For one generation of connections: whether bytes come through, each way."""

    def __init__(self) -> None:
        self.up, self.down = asyncio.Event(), asyncio.Event()
        self.open()

    def open(self) -> None:
        self.up.set()
        self.down.set()


class Cable:
    """A port of its own that leads to a server."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = host, int(port)
        self._port = 0
        self._gates = _Gates()
        self._server: asyncio.Server | None = None
        self._transports: set[asyncio.WriteTransport] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """Host and port of this end."""
        return f"127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._refuse()
        for task in [*self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def cut(self, cut: Cut) -> None:
        """Let it go wrong from now on."""
        if cut is Cut.REFUSED:
            await self._refuse()
        if cut in {Cut.REQUESTS, Cut.ALL}:
            self._gates.up.clear()
        if cut in {Cut.ANSWERS, Cut.ALL}:
            self._gates.down.clear()

    async def heal(self, healing: Healing) -> None:
        """Let it go well again, at least for who dials anew."""
        old, self._gates = self._gates, _Gates()
        if healing is Healing.RESET:
            self._reset()
        if healing is not Healing.FORGOTTEN:
            old.open()
        if self._server is None:
            await self._listen()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(
            self._connect, "127.0.0.1", self._port, reuse_address=True
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def _refuse(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
        self._reset()

    def _reset(self) -> None:
        for transport in [*self._transports]:
            transport.abort()

    async def _connect(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        gates = self._gates
        self._transports.add(writer.transport)
        try:
            with suppress(OSError):
                await self._join(reader, writer, gates)
        finally:
            writer.transport.abort()
            self._transports.discard(writer.transport)

    async def _join(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        gates: _Gates,
    ) -> None:
        await gates.up.wait()  # Who dials into a cut hears nothing of the server.
        there, back = await asyncio.open_connection(*self._target)
        self._transports.add(back.transport)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pump(reader, back, gates.up))
                group.create_task(_pump(there, writer, gates.down))
        except* OSError:
            pass
        finally:
            back.transport.abort()
            self._transports.discard(back.transport)


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event
) -> None:
    """Pass bytes on while the gate is open; an end is an end of both directions."""
    while content := await reader.read(_BYTES):
        await gate.wait()
        writer.write(content)
        await writer.drain()
    await gate.wait()
    raise ConnectionResetError

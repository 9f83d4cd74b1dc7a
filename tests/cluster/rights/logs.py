"""Lets the API server read the logs of the local node, as it reads a kubelet's."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

__all__ = ["readable_logs"]

_BLOCK = 1 << 16


@asynccontextmanager
async def readable_logs(world: Any) -> AsyncIterator[None]:
    """A kubelet has TLS, and the local node has not: here is a door with it."""
    pki = world.plane.folder / "pki"
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(pki / "apiserver.crt", pki / "apiserver.key")
    node = world.cluster.node
    path = f"/api/v1/nodes/{node.name}/status"
    told = (await world.kube.call("GET", path))["status"]["daemonEndpoints"]
    inner = told["kubeletEndpoint"]["Port"]

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind = await asyncio.open_connection("127.0.0.1", inner)
        await asyncio.gather(_pump(reader, behind[1]), _pump(behind[0], writer))

    async with await asyncio.start_server(relay, "127.0.0.1", 0, ssl=tls) as door:
        port = door.sockets[0].getsockname()[1]
        endpoint = {"daemonEndpoints": {"kubeletEndpoint": {"Port": port}}}
        await world.kube.call("PATCH", path, {"status": endpoint})
        yield


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while block := await reader.read(_BLOCK):
            writer.write(block)
            await writer.drain()
    writer.close()

"""The wires between the operator and its servers, where a call can be held.

Only the operator talks through them, so a hold never strikes the trainer, the node
or the test itself. And a call that was taken on here can reach its server after the
operator's death, as one can that lay in a buffer of the network.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Self

import aiohttp
import grpc
import grpc.aio
from aiohttp import web
from multidict import CIMultiDict
from python_pachyderm.proto.v2.pfs import pfs_pb2

from integration.crash.holds import Holds

__all__ = ["KubeWire", "PachdWire", "end_to_end"]

_OPTIONS = [
    ("grpc.max_receive_message_length", 64 << 20),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.so_reuseport", 0),
]
_HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "host"}


class PachdWire(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Every gRPC call, passed on as the bytes that it is."""

    def __init__(self, holds: Holds, target: str) -> None:
        self.address = ""
        self._holds = holds
        self._target = target
        self._channel: Any = None
        self._server: Any = None

    async def __aenter__(self) -> Self:
        self._channel = grpc.aio.insecure_channel(self._target, options=_OPTIONS)
        self._server = grpc.aio.server(options=_OPTIONS)
        self._server.add_generic_rpc_handlers((self,))
        port = self._server.add_insecure_port("127.0.0.1:0")
        self.address = f"127.0.0.1:{port}"
        await self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop(None)
        await self._channel.close()

    def service(self, handler_call_details: Any) -> Any:
        """Return the one handler that fits every method."""
        around = partial(self._pass, handler_call_details.method)
        return grpc.stream_stream_rpc_method_handler(around)

    async def _pass(
        self, method: str, requests: AsyncIterator[bytes], context: Any
    ) -> AsyncIterator[bytes]:
        sent = [request async for request in requests]
        metadata = tuple(
            (key, value)
            for key, value in context.invocation_metadata() or ()
            if key == "authn-token"
        )
        call = partial(self._channel.stream_stream(method), metadata=metadata)

        async def send() -> None:
            with suppress(grpc.aio.AioRpcError):
                async for _ in call(sent):
                    continue

        await self._holds.pass_by(_tell(method, sent), send)
        try:
            async for answer in call(sent):
                yield answer
        except grpc.aio.AioRpcError as error:
            await context.abort(error.code(), error.details())


def _tell(method: str, sent: list[bytes]) -> str:
    name = method.rpartition("/")[2]
    message = getattr(pfs_pb2, f"{name}Request", None)
    if message is None:
        return name
    return "\n".join([name, *(str(message.FromString(each)) for each in sent)])


class KubeWire:
    """Every HTTP request, and every stream of changes."""

    def __init__(self, holds: Holds, target: str, ca: Path | None = None) -> None:
        self.url = ""
        self._holds = holds
        self._target = target
        self._ca = ca
        self._session: Any = None
        self._runner: Any = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=None)
        tls = ssl.create_default_context(cafile=self._ca) if self._ca else True
        connector = aiohttp.TCPConnector(limit=0, ssl=tls)
        self._session = aiohttp.ClientSession(
            self._target, timeout=timeout, connector=connector, auto_decompress=False
        )
        app = web.Application(client_max_size=1 << 24)
        app.router.add_route("*", "/{path:.*}", self._pass)
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in self._runner.server.connections:
            if connection.transport is not None:
                connection.transport.abort()
        await self._runner.cleanup()
        await self._session.close()

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        call = partial(
            self._session.request,
            request.method,
            request.rel_url,
            data=body or None,  # With none there is no kind of content to tell.
            headers=end_to_end(request.headers),
        )

        async def send() -> None:
            async with call() as answer:
                await answer.read()

        text = f"{request.method} {request.path_qs}\n{body.decode()}"
        await self._holds.pass_by(text, send)
        async with call() as answer:
            headers = end_to_end(answer.headers)
            response = web.StreamResponse(status=answer.status, headers=headers)
            await response.prepare(request)
            with suppress(ConnectionResetError, asyncio.CancelledError):
                async for chunk in answer.content.iter_any():
                    await response.write(chunk)
                await response.write_eof()
        return response


def end_to_end(headers: Any) -> CIMultiDict[str]:
    """The headers that are meant for who is behind a wire."""
    kept = [(k, v) for k, v in headers.items() if k.lower() not in _HOP_BY_HOP]
    return CIMultiDict(kept)

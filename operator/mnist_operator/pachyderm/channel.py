"""One channel to one pachd: deadlines, token and errors for every call.

Nothing above this module sees gRPC. The channel opens at the first call, and
opens again when a call follows a close.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import grpc.aio

from mnist_operator.errors import InvalidSpecError, UnreachableError
from mnist_operator.pachyderm.connection import Connection
from mnist_operator.pachyderm.failures import classify
from mnist_operator.pachyderm.stubs import pfs_pb2_grpc

__all__ = ["CALL_SECONDS", "READ_SECONDS", "Calls"]

CALL_SECONDS = 30.0
"""For everything that moves no file; pachd needs 5 to 500 ms."""

READ_SECONDS = 300.0
"""For what moves files or walks history: as long as pachd's own gateway allows."""

_OPTIONS = (
    # A description may be 5 MB (pachd takes it), and the default of 4 MB would
    # then break every listing of its commit.
    ("grpc.max_receive_message_length", 64 << 20),
    # A subscription has no deadline; pings tell a dead peer from a quiet one.
    # pachd tolerates one every 5 s.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
    # gRPC's own cap is 2 minutes, which a restart of pachd would be made to last.
    ("grpc.initial_reconnect_backoff_ms", 250),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    # Channels of different users share nothing, not even a backoff.
    ("grpc.use_local_subchannel_pool", 1),
)


class Calls:
    """The calls of pachd's API, by name."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.running = 0
        """Calls and streams under way."""
        self.made = 0
        """Calls and streams ever begun."""
        self._channel: Any = None
        self._stub: Any = None

    async def unary(
        self, call: str, request: Any, *, seconds: float = CALL_SECONDS
    ) -> Any:
        """One question, one answer."""
        with self._translated(call):
            method = getattr(self._open(), call)
            return await method(request, timeout=seconds, metadata=self._metadata())

    async def upload(
        self, call: str, requests: Iterable[Any], *, seconds: float = READ_SECONDS
    ) -> Any:
        """Many messages, one answer."""
        with self._translated(call):
            method = getattr(self._open(), call)
            return await method(requests, timeout=seconds, metadata=self._metadata())

    async def stream(
        self, call: str, request: Any, *, seconds: float | None = READ_SECONDS
    ) -> AsyncGenerator[Any]:
        """One question, many answers; without a deadline when seconds is None."""
        with self._translated(call):
            method = getattr(self._open(), call)
            answers = method(request, timeout=seconds, metadata=self._metadata())
            try:
                async for answer in answers:
                    yield answer
            finally:
                answers.cancel()

    async def unary_by_path(self, path: str, request: Any) -> Any:
        """One question to a service that the stubs do not know; the answer is raw."""
        with self._translated(path.rpartition("/")[2]):
            self._open()
            method = self._channel.unary_unary(
                path,
                request_serializer=type(request).SerializeToString,
            )
            return await method(
                request, timeout=CALL_SECONDS, metadata=self._metadata()
            )

    async def close(self) -> None:
        """End what is under way and hang up."""
        channel, self._channel, self._stub = self._channel, None, None
        if channel is not None:
            await channel.close()

    def _open(self) -> Any:
        if self._stub is None:
            self._channel = _dial(self.connection)
            self._stub = pfs_pb2_grpc.APIStub(self._channel)
        return self._stub

    def _metadata(self) -> tuple[tuple[str, str], ...]:
        token = (self.connection.token or "").strip()
        if not (token.isascii() and token.isprintable()) and token:
            # gRPC would refuse it too, and quote it in the refusal.
            raise InvalidSpecError(
                "the Pachyderm token has characters that cannot be sent; "
                "store the bare token in the Secret, on one line"
            )
        return (("authn-token", token),) if token else ()

    @contextmanager
    def _translated(self, call: str) -> Iterator[None]:
        self.running += 1
        self.made += 1
        try:
            yield
        except grpc.aio.AioRpcError as error:
            raise classify(call, error.code(), self._redact(error)) from None
        except grpc.aio.UsageError:
            raise UnreachableError("pachd", call, "the channel was closed") from None
        except asyncio.CancelledError:
            # gRPC says so, too, when the channel is closed under a call.
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise UnreachableError("pachd", call, "the channel was closed") from None
        finally:
            self.running -= 1

    def _redact(self, error: grpc.aio.AioRpcError) -> str:
        details: str = error.details() or ""
        token = (self.connection.token or "").strip()
        return details.replace(token, "<token>") if token else details


def _dial(connection: Connection) -> Any:
    target = connection.target
    if not target.secure:
        return grpc.aio.insecure_channel(target.authority, options=_OPTIONS)
    credentials = grpc.ssl_channel_credentials(connection.root_certificates)
    return grpc.aio.secure_channel(target.authority, credentials, options=_OPTIONS)

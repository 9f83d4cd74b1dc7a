"""One channel to one pachd: deadlines, token and errors for every call.

Nothing above this module sees gRPC. The channel opens at the first call, and
opens again when a call follows a close.
"""

import asyncio
import time
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Iterable,
    Iterator,
)
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

from mnist_operator.errors import InvalidSpecError, UnreachableError, UpstreamError
from mnist_operator.pachyderm.connection import Connection
from mnist_operator.pachyderm.failures import classify, is_too_large
from mnist_operator.pachyderm.stubs import pfs_pb2_grpc
from mnist_operator.traffic import Turnstile

__all__ = ["AT_ONCE", "CALL_SECONDS", "READ_SECONDS", "Calls", "Heard"]

CALL_SECONDS = 30.0
"""For everything that moves no file; pachd needs 5 to 500 ms."""

READ_SECONDS = 300.0
"""For what moves files or walks history: as long as pachd's own gateway allows."""

AT_ONCE = 64
"""Calls at the same time on one channel: pachd's database has about so many
connections, and what is beyond them only waits there instead of here."""

_T = TypeVar("_T")
_SERVICE = "/pfs_v2.API/"
_LATE = frozenset({grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED})

Heard = Callable[[str, str, float | None], None]
"""Takes a call's name, its status, and how many seconds it took; None for a call
that waits for others."""

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

    def __init__(self, connection: Connection, *, at_once: int = AT_ONCE) -> None:
        self.connection = connection
        self.turns = Turnstile(at_once)
        """Who may call now; streams and waits without end need no turn."""
        self.running = 0
        """Calls and streams under way."""
        self.made = 0
        """Calls and streams ever begun."""
        self.heard: Heard = lambda *_: None
        """Told of each call that came to its end."""
        self._channel: Any = None
        self._stub: Any = None
        self._plain: dict[str, Any] = {}

    async def unary(
        self,
        call: str,
        request: Any,
        *,
        seconds: float = CALL_SECONDS,
        patient: bool = False,
    ) -> Any:
        """One question, one answer; a patient one may wait for long, and for others."""
        async with self._turn(call, patient=patient):
            method = getattr(self._open(), call)
            answer = await method(request, timeout=seconds, metadata=self._metadata())
        return _readable(call, answer)

    async def ask(
        self,
        call: str,
        question: bytes,
        read: Callable[[bytes], _T],
        *,
        seconds: float = CALL_SECONDS,
        patient: bool = False,
    ) -> _T:
        """One question as it travels, one answer, which `read` makes a value of.

        Most questions are asked again and again, and answered as before: who keeps
        the bytes of the one, and the value of the other, need not make them anew.
        """
        async with self._turn(call, patient=patient):
            method = self._by_bytes(call, "unary_unary")
            sent = {"timeout": seconds, "metadata": self._metadata()}
            answer = await method(question, **sent)
        return _read(call, answer, read)

    async def ask_for_all(
        self,
        call: str,
        question: bytes,
        read: Callable[[bytes], _T],
        *,
        seconds: float | None = READ_SECONDS,
    ) -> AsyncGenerator[_T]:
        """The same with many answers; without a deadline when seconds is None."""
        async with self._turn(call, patient=seconds is None) as give_back:
            method = self._by_bytes(call, "unary_stream")
            sent = {"timeout": seconds, "metadata": self._metadata()}
            answers = method(question, **sent)
            try:
                async for answer in answers:
                    # Whoever reads may call again in between: nobody waits for a
                    # turn while holding one.
                    give_back()
                    yield _read(call, answer, read)
            finally:
                answers.cancel()

    async def upload(self, call: str, requests: Iterable[bytes]) -> None:
        """Many messages as they travel; the answer says no more than: done."""
        async with self._turn(call):
            method = self._by_bytes(call, "stream_unary")
            sent = {"timeout": READ_SECONDS, "metadata": self._metadata()}
            await method(requests, **sent)

    async def unary_by_path(self, path: str, request: Any) -> Any:
        """One question to a service that the stubs do not know; the answer is raw."""
        async with self._turn(path.rpartition("/")[2]):
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
        self._plain = {}
        if channel is not None:
            await channel.close()

    def _open(self) -> Any:
        if self._stub is None:
            self._channel = _dial(self.connection)
            self._stub = pfs_pb2_grpc.APIStub(self._channel)
        return self._stub

    def _by_bytes(self, call: str, kind: str) -> Any:
        if call not in self._plain:
            self._open()
            self._plain[call] = getattr(self._channel, kind)(f"{_SERVICE}{call}")
        return self._plain[call]

    def _metadata(self) -> tuple[tuple[str, str], ...]:
        token = (self.connection.token or "").strip()
        if not (token.isascii() and token.isprintable()) and token:
            # gRPC would refuse it too, and quote it in the refusal.
            raise InvalidSpecError(
                "the Pachyderm token has characters that cannot be sent; "
                "store the bare token in the Secret, on one line"
            )
        return (("authn-token", token),) if token else ()

    @asynccontextmanager
    async def _turn(
        self, call: str, *, patient: bool = False
    ) -> AsyncIterator[Callable[[], None]]:
        """Wait for a turn and make the call; yields what gives the turn back early."""
        self.running += 1
        self.made += 1
        turn = _Turn(None if patient else self.turns)
        try:
            await turn.begin()
            with self._translated(call, patient=patient):
                yield turn.end
        finally:
            turn.end()
            self.running -= 1

    @contextmanager
    def _translated(self, call: str, *, patient: bool) -> Iterator[None]:
        began, code = time.monotonic(), ""
        try:
            yield
            self.turns.went_well()
            code = "OK"
        except GeneratorExit:
            code = "OK"  # Whoever reads a stream has enough.
            raise
        except grpc.aio.AioRpcError as error:
            code = error.code().name
            if not is_too_large(error.code(), error.details()):
                self._slow_down(error.code())
            raise classify(call, error.code(), self._redact(error)) from None
        except grpc.aio.UsageError:
            code = "CANCELLED"
            raise UnreachableError("pachd", call, "the channel was closed") from None
        except asyncio.CancelledError:
            code = "CANCELLED"
            # gRPC says so, too, when the channel is closed under a call.
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise UnreachableError("pachd", call, "the channel was closed") from None
        finally:
            if code:  # Else it was not sent.
                took = time.monotonic() - began
                self.heard(call, code, None if patient else took)

    def _slow_down(self, code: grpc.StatusCode) -> None:
        """Whoever is told that pachd has no time is not the only one to wait.

        One that is gone needs no rest: gRPC dials it at its own pace, and all who
        depend on it are to say so soon.
        """
        if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
            self.turns.is_busy()
        elif code is grpc.StatusCode.UNAVAILABLE:
            self.turns.is_slow()
        elif code not in _LATE:
            self.turns.went_well()

    def _redact(self, error: grpc.aio.AioRpcError) -> str:
        details: str = error.details() or ""
        token = (self.connection.token or "").strip()
        return details.replace(token, "<token>") if token else details


class _Turn:
    """A turn that may be given back twice; none where no turn is needed."""

    def __init__(self, turns: Turnstile | None) -> None:
        self._turns = turns
        self._held = False

    async def begin(self) -> None:
        if self._turns is not None:
            await self._turns.enter()
            self._held = True

    def end(self) -> None:
        if self._turns is not None and self._held:
            self._held = False
            self._turns.leave()


def _readable(call: str, answer: Any) -> Any:
    """An answer; gRPC gives None for bytes that are no such message."""
    if answer is None:
        detail = "what came is no answer to that: is pachd at this address?"
        raise UpstreamError("pachd", call, detail)
    return answer


def _read(call: str, answer: bytes, read: Callable[[bytes], _T]) -> _T:
    try:
        return read(answer)
    except (DecodeError, ValueError):  # The latter: a text that is not in UTF-8.
        _readable(call, None)
        raise


def _dial(connection: Connection) -> Any:
    target = connection.target
    if not target.secure:
        return grpc.aio.insecure_channel(target.authority, options=_OPTIONS)
    credentials = grpc.ssl_channel_credentials(connection.root_certificates)
    return grpc.aio.secure_channel(target.authority, credentials, options=_OPTIONS)

"""What happens around every gRPC call: the token, the faults, the refusals."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio

from local_cluster.faults import FaultError, Faults
from local_cluster.pachd.errors import PfsError

__all__ = ["Gate", "check_token"]

_OPEN_TO_ALL = ("/versionpb_v2.API/GetVersion",)

_CUT = (grpc.StatusCode.UNAVAILABLE, "Socket closed")
"""What a client makes of a connection that ended without an answer."""


def check_token(expected: str | None, given: str) -> None:
    """Refuse whoever is not signed in, where signing in is asked for."""
    if expected is None or hmac.compare_digest(expected.encode(), given.encode()):
        return
    problem = "provided auth token is corrupted or has expired (try logging in again)"
    if not given:
        problem = "no authentication token (try logging in)"
    raise PfsError(grpc.StatusCode.UNAUTHENTICATED, problem)


class Gate(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """Stands before every handler of the gRPC server.

    A fault ordered for after the effect strikes a stream after each message.
    """

    def __init__(self, faults: Faults, token: str | None) -> None:
        self._faults = faults
        self._token = token
        self._streams: set[_Stream] = set()

    def cut_streams(self) -> None:
        """End every stream of answers now, as a broken connection does."""
        for stream in self._streams:
            stream.cut()

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], details: Any
    ) -> Any:
        """Return the handler of a call, with the gate around it."""
        handler = await continuation(details)
        if handler is None:
            return None
        call = _Call(self._faults, self._token, details.method, self._streams)
        if handler.response_streaming:
            around = call.streaming(handler.unary_stream)
            return grpc.unary_stream_rpc_method_handler(around, *_coders(handler))
        if handler.request_streaming:
            around = call.single(handler.stream_unary)
            return grpc.stream_unary_rpc_method_handler(around, *_coders(handler))
        around = call.single(handler.unary_unary)
        return grpc.unary_unary_rpc_method_handler(around, *_coders(handler))


def _coders(handler: Any) -> tuple[Any, Any]:
    write = handler.response_serializer

    def serialize(answer: Any) -> Any:
        """Write an answer, unless `messages` remembers how it is written."""
        return answer if isinstance(answer, bytes) else write(answer)

    return handler.request_deserializer, serialize if write else None


class _Stream:
    """A running stream of answers, which can be ended from outside."""

    def __init__(self) -> None:
        self._task = asyncio.current_task()
        self.was_cut = False

    def cut(self) -> None:
        if self._task is not None:
            self.was_cut = self._task.cancel()


class _Call:
    def __init__(
        self,
        faults: Faults,
        token: str | None,
        method: str,
        streams: set[_Stream],
    ) -> None:
        self._faults = faults
        self._streams = streams
        self._token = None if method in _OPEN_TO_ALL else token
        self._name = "pfs." + method.rpartition("/")[2]

    def single(self, behaviour: Callable[[Any, Any], Awaitable[Any]]) -> Any:
        async def around(request: Any, context: Any) -> Any:
            async with self._gate(context):
                response = await behaviour(request, context)
                await self._faults.after(self._name)
                return response

        return around

    def streaming(self, behaviour: Callable[[Any, Any], AsyncIterator[Any]]) -> Any:
        async def around(request: Any, context: Any) -> AsyncIterator[Any]:
            stream = _Stream()
            self._streams.add(stream)
            try:
                async with self._gate(context):
                    async for response in behaviour(request, context):
                        yield response
                        await self._faults.after(self._name)
            except asyncio.CancelledError:
                if not stream.was_cut:
                    raise
                await context.abort(*_CUT)
            finally:
                self._streams.discard(stream)

        return around

    @asynccontextmanager
    async def _gate(self, context: Any) -> AsyncIterator[None]:
        try:
            metadata = dict(context.invocation_metadata() or ())
            check_token(self._token, metadata.get("authn-token", ""))
            await self._faults.before(self._name)
            yield
        except PfsError as refusal:
            await context.abort(refusal.code, refusal.details)
        except FaultError as fault:
            await context.abort(*_answer(fault))


def _answer(fault: FaultError) -> tuple[grpc.StatusCode, str]:
    if fault.drop:
        return _CUT
    match fault.error:
        case (grpc.StatusCode() as code, str(details)):
            return code, details
        case _:
            raise TypeError(f"a gRPC fault is (StatusCode, details): {fault.error!r}")

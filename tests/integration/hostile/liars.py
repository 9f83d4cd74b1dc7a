"""A gate before the local pachd that changes answers on their way out."""

from collections.abc import Callable
from typing import Any

import grpc
import grpc.aio

Lie = Callable[[bytes], bytes]


class Liar(grpc.aio.ServerInterceptor):
    """Tells the truth until it is asked to lie."""

    def __init__(self) -> None:
        self.told = 0
        """How many lies."""
        self._lies: dict[str, Lie] = {}
        self._about = b""

    def lie(self, call: str, lie: Lie, *, about: bytes = b"") -> None:
        """Change each answer to a call, if it has these bytes."""
        self.told, self._about = 0, about
        self._lies[call] = lie

    def repent(self) -> None:
        """Tell the truth from now on."""
        self._lies.clear()

    async def intercept_service(self, continuation: Any, details: Any) -> Any:
        """Return the handler of a call, which may lie."""
        handler = await continuation(details)
        if handler is None or handler.response_serializer is None:
            return handler
        name, write = details.method.rpartition("/")[2], handler.response_serializer

        def tell(answer: Any) -> bytes:
            return self._tell(name, write(answer))

        kinds = {
            (False, False): grpc.unary_unary_rpc_method_handler,
            (False, True): grpc.unary_stream_rpc_method_handler,
            (True, False): grpc.stream_unary_rpc_method_handler,
        }
        kind = handler.request_streaming, handler.response_streaming
        behaviour = handler.unary_unary or handler.unary_stream or handler.stream_unary
        return kinds[kind](behaviour, handler.request_deserializer, tell)

    def _tell(self, name: str, truth: bytes) -> bytes:
        lie = self._lies.get(name)
        if lie is None or self._about not in truth:
            return truth
        self.told += 1
        return lie(truth)

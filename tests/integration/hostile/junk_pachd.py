"""A pachd that answers every call with the bytes, or the refusal, that a test says."""

from collections.abc import Iterator, Sequence
from typing import Any

import grpc
import grpc.aio
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from mnist_operator.pachyderm import Connection, Pachyderm

_STREAMS = frozenset(
    {"ListCommit", "SubscribeCommit", "ListBranch", "WalkFile", "GetFile", "ListRepo"}
)
_UPLOADS = frozenset({"ModifyFile"})
_TEXTS = ("", "\x00", "\x1b[31m", "💥", "../..", "x" * 100_000)
_NUMBERS = (0, 1, -1, 2**31 - 1, -(2**31))
_LARGE_NUMBERS = (0, -1, 2**40, 2**63 - 1, -(2**63))
_KINDS = {
    FieldDescriptor.TYPE_STRING: _TEXTS,
    FieldDescriptor.TYPE_BYTES: (b"", b"\xff" * 1000),
    FieldDescriptor.TYPE_BOOL: (False, True),
    FieldDescriptor.TYPE_ENUM: (0, 1, 7, 2**31 - 1, -1),
    FieldDescriptor.TYPE_INT32: _NUMBERS,
    FieldDescriptor.TYPE_INT64: _LARGE_NUMBERS,
}


class JunkPachd(grpc.GenericRpcHandler):
    """Answers by the name of the call; what has no answer is not implemented."""

    def __init__(self) -> None:
        self.answers: dict[str, Sequence[bytes] | Iterator[bytes]] = {}
        self.refusal: tuple[grpc.StatusCode, str] | None = None
        self._server: Any = None

    async def start(self) -> Pachyderm:
        """Serve; returns a client for it."""
        self._server = grpc.aio.server()
        self._server.add_generic_rpc_handlers((self,))
        port = self._server.add_insecure_port("127.0.0.1:0")
        await self._server.start()
        return Pachyderm(Connection(f"127.0.0.1:{port}"))

    async def stop(self) -> None:
        """Hang up."""
        await self._server.stop(None)

    def service(self, details: Any) -> Any:
        """Find the handler of a call; nothing is read or written but bytes."""
        name = details.method.rpartition("/")[2]
        if name not in self.answers and self.refusal is None:
            return None

        async def tell_one(_: Any, context: Any) -> bytes:
            await self._refuse(context)
            return next(iter(self.answers[name]))

        async def tell_all(_: Any, context: Any) -> Any:
            await self._refuse(context)
            for each in self.answers[name]:
                yield each

        if name in _STREAMS:
            return grpc.unary_stream_rpc_method_handler(tell_all)
        if name in _UPLOADS:
            return grpc.stream_unary_rpc_method_handler(tell_one)
        return grpc.unary_unary_rpc_method_handler(tell_one)

    async def _refuse(self, context: Any) -> None:
        if self.refusal is not None:
            await context.abort(*self.refusal)


def lies(whole: Message, *, stride: int) -> Iterator[tuple[str, bytes]]:
    """The message with one field wrong, for each field at any depth; and broken.

    Every so many bytes it is cut, or one of them is another.

    Each with a name that says what is wrong.
    """
    yield "as it is", whole.SerializeToString()
    for path, change in _wrong_fields(whole, ""):
        copy = type(whole)()
        copy.CopyFrom(whole)
        change(copy)
        yield path, copy.SerializeToString()
    yield from _broken(whole.SerializeToString(), stride)


def _wrong_fields(message: Message, path: str) -> Iterator[tuple[str, Any]]:
    for field in message.DESCRIPTOR.fields:
        name, where = field.name, f"{path}{field.name}"
        if field.label == FieldDescriptor.LABEL_REPEATED:
            yield f"{where} missing", _clearing(name)
            continue
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            if not message.HasField(name):
                continue
            yield f"{where} missing", _clearing(name)
            for inner, change in _wrong_fields(getattr(message, name), f"{where}."):
                yield inner, _inside(name, change)
            continue
        for value in _KINDS.get(field.type, ()):
            yield f"{where} = {value!r:.20}", _setting(name, value)


def _clearing(name: str) -> Any:
    return lambda message: message.ClearField(name)


def _setting(name: str, value: Any) -> Any:
    return lambda message: setattr(message, name, value)


def _inside(name: str, change: Any) -> Any:
    return lambda message: change(getattr(message, name))


def _broken(content: bytes, stride: int) -> Iterator[tuple[str, bytes]]:
    for end in range(0, len(content), stride):
        yield f"cut at {end}", content[:end]
    for place in range(0, len(content), stride):
        flipped = content[place] ^ 0xFF
        yield f"byte {place}", content[:place] + bytes([flipped]) + content[place + 1 :]
    yield "a varint for the map", content + b"\x70\x05"
    yield "a map that is cut", content + b"\x72\x02\x0a\x7f"
    yield "a text that is no text", content + b"\x72\x04\x0a\x02\xff\xfe"
    yield "a map without end", content + b"\x72\x80\x80\x80\x40"
    yield "a large map", content + _large_map()
    yield "a web page", b"<html><body>502 Bad Gateway</body></html>"


def _large_map() -> bytes:
    entry = b"\x0a\x01k\x12\xa0\x8d\x06" + b"v" * 100_000
    length = len(entry)
    size = bytes([length & 0x7F | 0x80, length >> 7 & 0x7F | 0x80, length >> 14])
    return 4 * (b"\x72" + size + entry)

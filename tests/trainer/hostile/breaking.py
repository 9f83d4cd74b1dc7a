"""A gateway on bare sockets, whose connections break at the very byte that one says.

It keeps what was put whole, as pachd does, and answers one request a connection.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from trainer.buckets import SOURCE, TARGET

__all__ = [
    "CONTENT",
    "INPUT",
    "LIMIT",
    "OUTPUT",
    "Break",
    "Breaking",
    "Then",
    "answer",
    "refusal",
    "serve",
]

CONTENT = bytes(range(0, 256, 7))
"""Few bytes: each of them is where something breaks."""
LIMIT = 1 << 30
INPUT, OUTPUT = f"/{SOURCE}/x", f"/{TARGET}/model"

_PATIENCE = 60
_RESET = struct.pack("ii", 1, 0)


class Then(Enum):
    """How a connection ends."""

    RESET = auto()
    CLOSE = auto()
    HANG = auto()
    """Nothing more is said, until the client has had enough."""


@dataclass(frozen=True)
class Break:
    """What becomes of one request."""

    then: Then = Then.CLOSE
    received: int | None = None
    """Bytes of the request that are read before it ends; None: all, and an answer."""
    sent: int | None = None
    """Bytes of the answer that are sent; None: all."""
    answer: bytes | None = None
    """Sent in place of what is asked for, and nothing is kept."""
    flipped: int | None = None
    """A byte of the answer that arrives as another one."""


@dataclass
class Breaking:
    """What lies in the buckets, what was asked, and what breaks next."""

    objects: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Method and path of each request that was read as far as that."""
    breaks: list[Break] = field(default_factory=list)
    """Of the next requests, before all is well again."""
    endpoint: str = ""


def answer(body: bytes, *, status: str = "200 OK", headers: str = "") -> bytes:
    """A whole answer, which says how long it is; and the last on its connection.

    Otherwise the next request may go to a connection that is about to end.
    """
    about = f"Content-Length: {len(body)}\r\nConnection: close\r\n{headers}"
    return f"HTTP/1.1 {status}\r\n{about}\r\n".encode() + body


def refusal(status: int, code: str, message: str = "told by the server") -> bytes:
    """A refusal in S3's way."""
    text = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return answer(text.encode(), status=f"{status} No")


@contextlib.contextmanager
def serve() -> Iterator[Breaking]:
    """Serve on a free port until the test is over."""
    state = Breaking()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        state.endpoint = f"127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=_accept, args=(listener, state))
        thread.start()
        yield state
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _accept(listener: socket.socket, state: Breaking) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(_PATIENCE)
            # A client that hangs up first is what some tests are about.
            with contextlib.suppress(OSError):
                _serve(connection, state)


def _serve(connection: socket.socket, state: Breaking) -> None:
    broken = state.breaks.pop(0) if state.breaks else Break()
    head, body = _receive(connection, broken.received)
    method, path, *_ = [*head.split(), "", ""]
    state.asked.append(f"{method} {path}")
    if broken.received is None:
        told = broken.answer or _answer(state, method, path, body)
        told = _flip(told, broken.flipped)
        connection.sendall(told[: broken.sent])
    if broken.then is Then.RESET:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    if broken.then is Then.HANG:
        while connection.recv(1 << 16):
            pass


def _receive(connection: socket.socket, limit: int | None) -> tuple[str, bytes]:
    """Read one request, or its first bytes alone."""
    found = b""
    while b"\r\n\r\n" not in found and (limit is None or len(found) < limit):
        piece = connection.recv(1 if limit is not None else 1 << 16)
        if not piece:
            return "", b""
        found += piece
    head, _, body = found.partition(b"\r\n\r\n")
    wanted = _length(head.decode())
    if limit is not None:
        wanted = min(wanted, limit - len(head) - 4)
    if wanted > len(body) and b"100-continue" in head:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    return head.decode(), body + _read(connection, wanted - len(body))


def _read(connection: socket.socket, count: int) -> bytes:
    found = bytearray()
    while len(found) < count:
        piece = connection.recv(min(count - len(found), 1 << 20))
        if not piece:
            raise ConnectionResetError
        found += piece
    return bytes(found)


def _length(head: str) -> int:
    for line in head.lower().splitlines():
        name, _, value = line.partition(":")
        if name == "content-length":
            return int(value)
    return 0


def _answer(state: Breaking, method: str, path: str, body: bytes) -> bytes:
    if method == "PUT":
        state.objects[path] = body
        return answer(b"")
    if path not in state.objects:
        return refusal(404, "NoSuchKey", "The specified key does not exist.")
    return answer(state.objects[path])


def _flip(told: bytes, place: int | None) -> bytes:
    if place is None:
        return told
    return told[:place] + bytes([told[place] ^ 0x10]) + told[place + 1 :]

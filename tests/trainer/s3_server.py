"""A gateway small enough to read: it notes what it is asked, and fails when told to."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class S3Server:
    """What lies in the buckets, what was asked, and what shall go wrong."""

    objects: dict[str, bytes] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    answers: list[tuple[int, str, str]] = field(default_factory=list)
    """Status, code and message of the next answers, before it behaves again."""
    refused_puts: list[tuple[int, str, str]] = field(default_factory=list)
    """The same, for uploads alone."""
    asked: threading.Event = field(default_factory=threading.Event)
    """Set as soon as anything is asked."""
    speaking: threading.Event = field(default_factory=threading.Event)
    """While it is not set, nothing is answered."""
    offered: threading.Event = field(default_factory=threading.Event)
    """Set as soon as anything is uploaded."""
    taking: threading.Event = field(default_factory=threading.Event)
    """While it is not set, no upload is answered."""
    cut_streams: int = 0
    """How many of the next downloads break off half-way."""
    page: int = 1000
    """How many files are listed at a time."""
    endpoint: str = ""

    def uploaded(self) -> list[str]:
        return [asked.path for asked in self.requests if asked.method == "PUT"]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: S3Server

    def do_GET(self):
        if self._refuse():
            return
        asked = urlsplit(self.path)
        if asked.query:
            self._list(asked.path, dict(parse_qsl(asked.query)))
            return
        body = self.state.objects.get(self.path)
        if body is None:
            self._fail(404, "NoSuchKey", "The specified key does not exist.")
            return
        self._head(200, len(body))
        if self.state.cut_streams:
            self.state.cut_streams -= 1
            body = body[: len(body) // 2]
            self.close_connection = True
        self.wfile.write(body)

    def _list(self, bucket, asked):
        """In the first version's way, which is the only one that goes on in pachd."""
        keys = [
            key.removeprefix(f"{bucket}/")
            for key in sorted(self.state.objects)
            if key.startswith(f"{bucket}/")
        ]
        left = [
            key
            for key in keys
            if key.startswith(asked.get("prefix", "")) and key > asked.get("marker", "")
        ]
        page = left[: self.state.page]
        found = "".join(f"<Contents><Key>{key}</Key></Contents>" for key in page)
        more = str(len(page) < len(left)).lower()
        text = (
            f"<ListBucketResult><IsTruncated>{more}</IsTruncated>{found}"
            "</ListBucketResult>"
        )
        self._head(200, len(text))
        self.wfile.write(text.encode())

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.state.offered.set()
        self.state.taking.wait()
        if self._refuse(body):
            return
        self.state.objects[self.path] = body
        self._head(200, 0)

    def _refuse(self, body=b""):
        asked = Request(self.command, self.path, dict(self.headers), body)
        self.state.requests.append(asked)
        self.state.asked.set()
        self.state.speaking.wait()
        answers = self.state.answers
        if self.command == "PUT" and self.state.refused_puts:
            answers = self.state.refused_puts
        if not answers:
            return False
        self._fail(*answers.pop(0))
        return True

    def _fail(self, status, code, message):
        text = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        self._head(status, len(text))
        self.wfile.write(text.encode())

    def _head(self, status, length):
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Say nothing: clients that hang up are what some tests are about."""


@contextlib.contextmanager
def serve() -> Iterator[S3Server]:
    """Serve on a free port until the test is over."""
    state = S3Server()
    handler = type("Handler", (_Handler,), {"state": state})
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    state.endpoint = f"127.0.0.1:{server.server_port}"
    state.speaking.set()
    state.taking.set()
    yield state
    state.speaking.set()
    state.taking.set()
    server.shutdown()
    server.server_close()
    thread.join()

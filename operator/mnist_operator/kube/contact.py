"""How one API server is reached, and what came of it the last time."""

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
from kubernetes.aio.client.rest import RESTResponse

__all__ = ["Contact", "Credentials"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """How another client of this process reaches the same API server."""

    server: str
    token: str | None = field(repr=False)
    ca_path: str | None
    certificate_path: str | None
    key_path: str | None
    insecure: bool


@dataclass(slots=True)
class Contact:
    """What came of the newest request, whichever it was."""

    at: float = -math.inf
    """By the monotonic clock."""
    problem: str = "not asked yet"
    """Empty when the server answered us as whom it knows."""
    heard: Callable[[str, str, str, float], None] = lambda *_: None
    """Told of each request: its method and path, the answer's status or `error`, and
    how many seconds it took until the answer began."""

    def note(self, problem: str) -> None:
        """Keep this as the newest."""
        self.at, self.problem = time.monotonic(), problem

    async def time(
        self, method: str, path: str, sent: Awaitable[RESTResponse]
    ) -> RESTResponse:
        """Wait for the answer to a request, and tell of it."""
        began, code = time.monotonic(), ""
        try:
            answer = await sent
            code = str(answer.status)
        except (TimeoutError, aiohttp.ClientError, OSError):
            code = "error"
            raise
        finally:
            if code:  # Else it was we who gave it up.
                self.heard(method, path, code, time.monotonic() - began)
        return answer

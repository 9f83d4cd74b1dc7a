"""How one API server is reached, and what came of it the last time."""

import math
import time
from dataclasses import dataclass, field

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

    def note(self, problem: str) -> None:
        """Keep this as the newest."""
        self.at, self.problem = time.monotonic(), problem

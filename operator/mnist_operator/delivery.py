"""What it takes to deliver something by HTTP, and what an answer comes to. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

__all__ = [
    "PATIENT",
    "Answer",
    "Patience",
    "is_web_address",
    "read_answer",
    "read_retry_after",
    "show_place",
]

_MULTIPLE_CHOICES, _OK = 300, 200


@dataclass(frozen=True, slots=True)
class Patience:
    """What a backend may cost; all times are in seconds."""

    queued: int = 1000
    """Things that wait; one has some 3 kB at most."""
    answer: float = 5.0
    """For one try."""
    pauses: Sequence[float] = (0.5, 1.0, 2.0, 4.0, 8.0)
    """Between two tries for the same."""
    longest: float = 60.0
    """A pause that the backend itself asks for, at most."""
    end: float = 2.0
    """For what is still queued when the operator ends."""


PATIENT = Patience()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one try."""

    problem: str = ""
    """Empty: it was taken."""
    again: bool = False
    """Whether another try may help."""
    after: float = 0.0
    """Seconds that the backend asks to be left alone."""
    body: bytes = b""


def read_answer(
    status: int, headers: Mapping[str, str], body: bytes, *, again: bool
) -> Answer:
    """What an answer says; again: whether this status may be another the next time."""
    if _OK <= status < _MULTIPLE_CHOICES:
        return Answer(body=body)
    after = read_retry_after(headers) if again else 0.0
    return Answer(f"HTTP {status}", again, after, body)


def read_retry_after(headers: Mapping[str, str]) -> float:
    """The seconds of Retry-After (RFC 9110, 10.2.3); 0 where there are none.

    A date counts from the date of the answer, so no clock is compared with another.
    """
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), 1e6)
    try:
        until = parsedate_to_datetime(text)
        told = parsedate_to_datetime(headers.get("Date", ""))
        seconds = (until - told).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return max(seconds, 0.0)


def is_web_address(url: str) -> bool:
    """Whether it is http(s)://host, with a port that can be one."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0


def show_place(url: str) -> str:
    """The address of a backend, for people: without a password, if there is one."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

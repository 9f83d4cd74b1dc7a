"""The time of day, as the API server has it: it dates the objects that we wait for.

A TFJob is as old as its creationTimestamp says. By a clock of ours that is hours ahead
it would be past its deadline before it began; so what the API server's answers say of
the time is taken for true, unless it differs by no more than they take to come.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

__all__ = ["ServerClock"]

_TOLERANCE = timedelta(seconds=10)
_ABSURD = timedelta(days=36525)
"""No server is a century off: whoever said that is none."""


@lru_cache(8)
def _moment(date: str) -> datetime:
    # Of whole seconds many answers have the same.
    return parsedate_to_datetime(date).replace(tzinfo=UTC)


class ServerClock:
    """Our own clock, set by what the server's answers say."""

    def __init__(self, ours: Callable[[], datetime]) -> None:
        self._ours = ours
        self._ahead = timedelta()

    def hear(self, date: str | None) -> None:
        """Take note of an answer's Date header; one that says nothing changes nothing.

        Whole seconds, and always in UTC (RFC 9110).
        """
        try:
            ahead = _moment(date or "") - self._ours()
        except (ValueError, OverflowError):
            return
        if abs(ahead) > _ABSURD:
            return
        self._ahead = ahead if abs(ahead) > _TOLERANCE else timedelta()

    def now(self) -> datetime:
        """What time it is there; here, as long as nobody has told us."""
        return self._ours() + self._ahead

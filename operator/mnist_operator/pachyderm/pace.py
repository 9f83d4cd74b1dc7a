"""How often a feed looks, and how long it waits: the numbers and the clock."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

__all__ = ["Pace"]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Pace:
    """The rhythm of every feed of one ``Feeds``."""

    poll_seconds: float = 10.0
    """Between two looks at a branch while its repo's subscription works: finds
    moved heads, which no subscription delivers."""

    fallback_poll_seconds: float = 2.0
    """The same while there is no subscription."""

    looks_a_second: float = 40.0
    """Of all branches together, at most: a look costs about 0.5 ms of our own. So
    1,000 branches are looked at every 25 s, whatever the seconds above say, unless
    they share repos and so lists: see `Survey.count`."""

    replay_limit: int = 5000
    """A subscription replays the whole history, at 10 ms a commit for pachd; a
    longer one costs more than polling."""

    hold_seconds: tuple[float, float] = (0.01, 0.25)
    """Least and most time between two looks that found nothing new, so that a
    replay of 10,000 commits does not cost 10,000 looks."""

    reconnect_seconds: tuple[float, float] = (1.0, 30.0)
    """First and longest pause before a lost subscription is tried again."""

    proven_seconds: float = 5.0
    """An open stream that says nothing for so long is taken to be working: pachd
    answers a subscription only with the first commit."""

    finish_seconds: float = 60.0
    """Deadline of one wait for a commit to finish, which is then repeated."""

    now: Callable[[], datetime] = _now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait for an event, but no longer than this."""
        if self.sleep is asyncio.sleep:
            # Most looks of an idle operator end here: two tasks each would cost more
            # than the rest of the look.
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await event.wait()
            return
        waiting = asyncio.ensure_future(event.wait())
        sleeping = asyncio.ensure_future(self.sleep(seconds))
        try:
            await asyncio.wait({waiting, sleeping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            sleeping.cancel()

    def passed(self, since: datetime, seconds: float) -> bool:
        """Tell whether so much time has gone by."""
        return self.now() - since >= timedelta(seconds=seconds)

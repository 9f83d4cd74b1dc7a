"""Holding a Lease, or waiting for it; and ending at once when it may be another's.

What is begun with a Lease in hand does not end with it: an operator that was stopped
for a minute goes on in the middle of a call. So whoever loses it ends the process,
from a thread, which also runs while the loop is held up.
"""

import asyncio
import logging
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Protocol

from mnist_operator import election
from mnist_operator.election import Claim, Lease, Lost, Sight, Wait
from mnist_operator.errors import (
    ConflictError,
    DeniedError,
    NotFoundError,
    UpstreamError,
)

__all__ = ["Leadership", "Watchdog", "make_identity"]

_LOGGER = logging.getLogger(__name__)


class Leases(Protocol):
    """Where the Lease is kept."""

    key: str

    async def read(self) -> Lease | None:
        """The Lease as it is now."""
        ...

    async def write(self, lease: Lease) -> Lease:
        """Create or replace it; raises a ConflictError when somebody was faster."""
        ...


def make_identity(pod: str) -> str:
    """A holder's name, which no other process has, in the same pod or after it."""
    return f"{pod or socket.gethostname()}_{os.urandom(4).hex()}"


class Watchdog:
    """A thread that calls `end` unless its deadline is moved in time."""

    def __init__(self, end: Callable[[], None]) -> None:
        self._end = end
        self._deadline: float | None = None
        self._moved = threading.Condition()
        self._closed = False
        threading.Thread(target=self._watch, daemon=True, name="watchdog").start()

    def move(self, deadline: float | None) -> None:
        """From now on this is the deadline, by the monotonic clock; None is never."""
        with self._moved:
            self._deadline = deadline
            self._moved.notify()

    def close(self) -> None:
        """End the thread."""
        with self._moved:
            self._closed = True
            self._moved.notify()

    def _watch(self) -> None:
        with self._moved:
            while not self._closed:
                left = None
                if self._deadline is not None:
                    left = self._deadline - time.monotonic()
                    if left <= 0:
                        self._end()
                        return
                self._moved.wait(left)


class Leadership:
    """One contender for one Lease."""

    def __init__(
        self,
        leases: Leases,
        me: str,
        now: Callable[[], datetime],
        lose: Callable[[], None],
    ) -> None:
        self._leases = leases
        self._me = me
        self._now = now
        self._lose = lose
        self._watchdog = Watchdog(lose)
        self._sight: Sight | None = None
        self._failures = 0
        self._told = ""
        self.held = asyncio.Event()
        """Set for good when it is ours: losing it is the end of the process."""

    @asynccontextmanager
    async def contend(self) -> AsyncIterator[asyncio.Event]:
        """Contend for it, hold it, and give it back when the work has ended."""
        running = asyncio.create_task(self._run(), name="lease")
        try:
            yield self.held
        finally:
            running.cancel()
            await asyncio.wait({running})
            await self._release()
            self._watchdog.close()

    async def _run(self) -> None:
        while True:
            seconds = await self._turn()
            await asyncio.sleep(seconds)

    async def _turn(self) -> float:
        """Look, and claim it where it may be had; how long to sleep then."""
        try:
            seconds = await self._contend()
        except (ConflictError, NotFoundError):
            self._sight = None  # Somebody wrote it: look before anything else.
            self._failures += 1
            return 0.0 if self._failures == 1 else election.RETRY_SECONDS
        except UpstreamError as error:
            self._failures += 1
            self._tell(_explain(error, self._leases.key), logging.WARNING)
            return election.RETRY_SECONDS
        except Exception:
            _LOGGER.exception("Lease %s: internal error", self._leases.key)
            return election.RETRY_SECONDS
        self._failures = 0
        return seconds

    async def _contend(self) -> float:
        sight, working = self._sight, self.held.is_set()
        if sight is None or not working:
            lease = await self._leases.read()
            sight = election.look(sight, lease, now=time.monotonic())
            self._sight = sight
        began = time.monotonic()
        step = election.decide(sight, me=self._me, working=working, now=began)
        match step:
            case Wait(seconds):
                holder = sight.lease.holder if sight.lease else ""
                self._tell(f"Lease {self._leases.key} is held by {holder}: standing by")
                return seconds
            case Lost():
                self._lose()
            case Claim():
                wanted = election.claim(sight.lease, me=self._me, now=self._now())
                written = await self._leases.write(wanted)
                self._sight = election.look(None, written, now=began)
                self._watchdog.move(began + election.HOLD_SECONDS)
                self._tell(f"Lease {self._leases.key} is held by us, as {self._me}")
                self.held.set()
        return election.RENEW_SECONDS

    async def _release(self) -> None:
        """Let others have it at once; where that fails they wait until it runs out."""
        with suppress(UpstreamError):
            # Read first: the last renewal may have been cut off after it arrived.
            lease = await self._leases.read()
            if lease is not None and lease.holder == self._me:
                await self._leases.write(election.release(lease, now=self._now()))
        self._watchdog.move(None)

    def _tell(self, message: str, level: int = logging.INFO) -> None:
        """Say it once, and again only after something else was said."""
        if message != self._told:
            self._told = message
            _LOGGER.log(level, "%s", message)


def _explain(error: UpstreamError, key: str) -> str:
    remedy = ""
    if isinstance(error, DeniedError):
        remedy = "; grant get, create and update of leases there"
    return f"Lease {key} cannot be had ({error}){remedy}"

"""Turns at one server: so many calls at once, fairly shared, and fewer when it is busy.

Whoever calls says who that is by a context variable, which the tasks that it begins
inherit. Those who wait take turns caller by caller, so that one with thousands of
calls holds nobody up but itself. What cannot wait goes first, though never alone: a
share of the turns is kept for the rest.

A server that says that it is busy is left alone by all for a while, not only by the
one that was told; then calls come back one by one (additive increase, multiplicative
decrease, as TCP does it: Chiu and Jain, 1989).
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass

__all__ = ["CALLER", "Caller", "Turnstile"]

_ROUTINE_SHARE = 4
"""Every so many turns one is for routine, whatever else waits."""
_LEAST_PART = 16
"""Of the limit, this part is let through however slow the server is."""
_FIRST_PAUSE_SECONDS, _LAST_PAUSE_SECONDS = 0.1, 5.0
"""Of a server that does not say how long it wants to be left alone."""
_LONGEST_PAUSE_SECONDS = 60.0
"""Whatever it says."""


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf calls are made."""

    name: str = ""
    urgent: bool = True
    """Something has happened that is to be acted upon; else it is a look in turn."""


CALLER: ContextVar[Caller] = ContextVar("caller", default=Caller())  # noqa: B039
"""Who calls; frozen, so that it may be shared."""


class Turnstile:
    """Lets through at most `limit` calls at the same time."""

    def __init__(self, limit: int) -> None:
        self._most = self._limit = limit
        self._least = max(limit // _LEAST_PART, 1)
        self._running = 0
        self._queues = {True: _Queue(), False: _Queue()}
        self._turns = 0
        self._closed_until = 0.0
        self._pause = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def running(self) -> int:
        """How many calls are under way."""
        return self._running

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return sum(map(len, self._queues.values()))

    @property
    def limit(self) -> int:
        """How many are let through now: fewer while the server is busy."""
        return self._limit

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, and give it back in the end."""
        await self.enter()
        try:
            yield
        finally:
            self.leave()

    @asynccontextmanager
    async def brief_turn(self, seconds: float) -> AsyncIterator[None]:
        """The same, but whoever takes longer gives it back meanwhile."""
        await self.enter()
        held = True

        def give_back() -> None:
            nonlocal held
            if held:
                held = False
                self.leave()

        timer = asyncio.get_running_loop().call_later(seconds, give_back)
        try:
            yield
        finally:
            timer.cancel()
            give_back()

    async def enter(self) -> None:
        """Wait for a turn; whoever got one must `leave`."""
        if self._is_open() and not self.waiting:
            self._running += 1
            return
        caller = CALLER.get()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues[caller.urgent].put(caller.name, turn)
        self._let_through()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()  # It was let through and cancelled at the same moment.
            raise

    def leave(self) -> None:
        """The call is over."""
        self._running -= 1
        self._let_through()

    def went_well(self) -> None:
        """The server had time for a call: it may have it for one more."""
        self._pause = 0.0
        if self._limit < self._most:
            self._limit += 1

    def is_slow(self) -> None:
        """The server did not take a call: let fewer through, and nobody wait."""
        self._limit = max(self._limit // 2, self._least)

    def is_busy(self, seconds: float | None = None) -> float:
        """The server has no time: let nobody through for a while; return how long."""
        self.is_slow()
        now = _now()
        if now < self._closed_until and seconds is None:
            return self._closed_until - now  # One of those that were under way.
        doubled = max(2 * self._pause, _FIRST_PAUSE_SECONDS)
        self._pause = min(doubled, _LAST_PAUSE_SECONDS)
        pause = self._pause if seconds is None else seconds
        pause = min(pause, _LONGEST_PAUSE_SECONDS)
        self._closed_until = max(self._closed_until, now + pause)
        return pause

    def _is_open(self) -> bool:
        return self._running < self._limit and _now() >= self._closed_until

    def _let_through(self) -> None:
        while self._is_open() and (turn := self._next()) is not None:
            self._running += 1
            turn.set_result(None)
        left = self._closed_until - _now()
        if left > 0 and self.waiting and self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(left, self._reopen)

    def _reopen(self) -> None:
        self._timer = None
        self._let_through()

    def _next(self) -> asyncio.Future[None] | None:
        self._turns += 1
        urgent = self._turns % _ROUTINE_SHARE != 0
        return self._queues[urgent].take() or self._queues[not urgent].take()


class _Queue:
    """Those who wait, by caller; callers take turns."""

    def __init__(self) -> None:
        # A plain dict gets slow at this: its first entry is behind all removed ones.
        self._callers: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def put(self, caller: str, turn: asyncio.Future[None]) -> None:
        self._callers.setdefault(caller, deque()).append(turn)
        self._count += 1

    def take(self) -> asyncio.Future[None] | None:
        """The next one that still waits, and its caller's turn is over."""
        while self._callers:
            caller, turns = self._callers.popitem(last=False)
            turn = turns.popleft()
            self._count -= 1
            if turns:
                self._callers[caller] = turns
            if not turn.done():
                return turn
        return None


def _now() -> float:
    return asyncio.get_running_loop().time()

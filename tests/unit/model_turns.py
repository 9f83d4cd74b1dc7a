"""The model world's clock, and what may happen to a call on its way.

Before each call others may come first, or the caller may be stopped for good. And
a call may get lost, or its answer; then whoever asked asks again, or looks anew.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps

from mnist_operator.errors import OperatorError, UnreachableError
from unit.builders import NOW

_CALL = timedelta(milliseconds=100)

GATE: ContextVar["Gate | None"] = ContextVar("GATE", default=None)
"""What an operator that acts must pass before each of its calls."""


@dataclass
class Gate:
    """Lets so many calls through, and keeps the next ones waiting."""

    left: int = 0
    waiting: list[asyncio.Future] = field(default_factory=list)

    async def go_through(self):
        while self.left <= 0:
            self.waiting.append(asyncio.get_running_loop().create_future())
            await self.waiting[-1]
        self.left -= 1

    def let(self, calls):
        self.left, waiting, self.waiting = calls, self.waiting, []
        for each in waiting:
            if not each.done():
                each.set_result(None)


async def nothing():
    """Nobody comes between."""


@dataclass
class Turns:
    """The clock, and the place where others may come between two calls."""

    now: datetime = NOW
    calls_left: int | None = None
    """Until `meanwhile` happens."""
    meanwhile: Callable[[], Awaitable[object]] = nothing
    calls_well: int = 0
    """Until `fault` happens to a call."""
    fault: str = ""
    """Lost: it never arrives. Unanswered: its answer does not. Twice: nor does the
    first answer, and it is sent again."""

    def tick(self):
        self.now += _CALL

    async def pause(self):
        """Let others go first; say what happens to the call that follows."""
        if self.calls_left is not None:
            self.calls_left -= 1
            if self.calls_left < 0:
                self.calls_left = None
                await self.meanwhile()
        gate = GATE.get()
        if gate is not None:
            await gate.go_through()
        self.tick()
        fault = ""
        if self.fault:
            self.calls_well -= 1
            if self.calls_well < 0:
                fault, self.fault = self.fault, ""
        if fault == "lost":
            raise UnreachableError("pachd", "Call", "it got lost")
        return fault

    async def stream(self):
        """The same for what only reads: it makes no difference what got lost."""
        if await self.pause():
            raise UnreachableError("pachd", "Call", "its answer got lost")


def call(method):
    """Make a method of the model a call, with all that may happen to it."""

    @wraps(method)
    async def called(self, *args, **options):
        fault = await self.turns.pause()
        if not fault:
            return await method(self, *args, **options)
        with suppress(OperatorError):
            await method(self, *args, **options)
        if fault == "unanswered":
            raise UnreachableError("pachd", method.__name__, "its answer got lost")
        return await method(self, *args, **options)

    return called

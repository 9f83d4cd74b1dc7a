"""The moments at which something happens to an operator: by its calls, as holds."""

import asyncio
import signal
from typing import Any

from crashes.operators import Operator
from integration.crash.holds import Fate, Hold

__all__ = ["NthWrite", "Passing", "StopAt"]

_READS = ("Inspect", "List", "Walk", "Get", "Subscribe", "WhoAmI", "GET ")


def _is_write(call: str) -> bool:
    """Whether a call changes something; by its text on a wire."""
    return not call.startswith(_READS)


def _name(call: str) -> str:
    """The call without its object: StartCommit, POST tfjobs, PATCH mnisttrainings."""
    line = call.splitlines()[0].partition("?")[0]
    verb, _, path = line.partition(" ")
    steps = path.split("/")
    if "namespaces" not in steps:
        return verb
    return f"{verb} {steps[steps.index('namespaces') + 2]}"


class NthWrite(Hold):
    """Strikes the n-th call from now on that changes something."""

    def __init__(self, fate: Fate, count: int) -> None:
        super().__init__(fate)
        self.call = ""
        self._left = count

    def matches(self, text: str) -> bool:
        """Count."""
        if self.taken or not _is_write(text):
            return False
        self._left -= 1
        if self._left > 0:
            return False
        self.call = _name(text)
        return True

    @property
    def is_kept(self) -> bool:
        """Whether there is a call that will never be answered."""
        return self.taken


class Passing(NthWrite):
    """Only tells when that call passes."""

    def __init__(self, count: int) -> None:
        super().__init__(Fate.DONE, count)

    async def strike(self, send: Any) -> None:
        """Let it pass."""
        self.taken = True
        self.reached.set()

    @property
    def is_kept(self) -> bool:
        """It is not."""
        return False


class StopAt(NthWrite):
    """Stops the operator in the middle of that call, which waits to be let go on."""

    def __init__(self, operator: Operator, count: int, *, before: bool) -> None:
        super().__init__(Fate.LATE, count)
        self._operator = operator
        self._before = before
        self._released = asyncio.Event()

    async def strike(self, send: Any) -> None:
        """Stop it, and keep the call from its server if that is to come first."""
        self.taken = True
        self._operator.signal(signal.SIGSTOP)
        self.reached.set()
        if self._before:
            await self._released.wait()

    async def deliver(self) -> None:
        """Let the call go on."""
        self._released.set()

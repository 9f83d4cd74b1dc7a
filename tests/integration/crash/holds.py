"""Holds: the moments at which a test kills the operator.

A hold strikes one call of the operator, keeps its answer back for good, and tells
the test that the moment has come. What becomes of the call itself is its fate: the
client, which dies now, can tell none from the others.
"""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from integration.world import until

__all__ = [
    "ANY",
    "ATTEMPT",
    "EITHER",
    "LEDGER",
    "PIN",
    "Fate",
    "Hold",
    "Holds",
    "cases",
    "fill_in",
    "reached",
]

ATTEMPT = "mnist-operator/attempt"
"""In the description of every staging commit."""
PIN = "team_mnist_pin"
"""The branch of the input repo that is moved when a model's commit is opened."""
LEDGER = "ModifyFile", "ledger.jsonl"
"""The words of a call that writes a decision."""

Send = Callable[[], Awaitable[Any]]


class Fate(Enum):
    """What becomes of a call whose client dies under it."""

    LOST = "it never arrives"
    DONE = "it is done and nobody hears of it"
    RACING = "it arrives just before the next operator's own"
    LATE = "it arrives when all is over"


EITHER = (Fate.LOST, Fate.DONE)
"""The fates of every call."""
ANY = tuple(Fate)
"""Those of a call that changes what the operators compete for."""


class Hold:
    """One call that is never answered: the first whose text has all the words."""

    def __init__(self, fate: Fate, *words: str) -> None:
        self.fate = fate
        self.reached = asyncio.Event()
        self.taken = False
        self.words = words
        self._send: Send | None = None

    def matches(self, text: str) -> bool:
        """Whether this is the call, or the same one again."""
        return all(word in text for word in self.words)

    async def strike(self, send: Send) -> None:
        """Keep the call for good, or until its client hangs up."""
        self.taken = True
        if self.fate is Fate.DONE:
            await send()
        else:
            self._send = send
        self.reached.set()
        await asyncio.Event().wait()

    async def deliver(self) -> None:
        """Let a call arrive that was under way when its client died."""
        send, self._send = self._send, None
        if send is not None and self.fate is not Fate.LOST:
            await send()


class Holds:
    """All holds of one test."""

    def __init__(self) -> None:
        self._holds: list[Hold] = []
        self._awaited: list[tuple[tuple[str, ...], asyncio.Event]] = []

    def add(self, fate: Fate, *words: str) -> Hold:
        """Order that the first call with these words is held."""
        hold = Hold(fate, *words)
        self._holds.append(hold)
        return hold

    def order(self, hold: Hold) -> None:
        """The same, with a hold that chooses its call otherwise."""
        self._holds.append(hold)

    def forget(self) -> None:
        """Strike no more; a call that is kept can still be delivered."""
        self._holds.clear()

    async def seen(self, *words: str) -> None:
        """Wait for the next call with these words."""
        event = asyncio.Event()
        self._awaited.append((words, event))
        await event.wait()

    async def pass_by(self, text: str, send: Send) -> None:
        """Return when the call may go on; never for one that is held."""
        for words, event in self._awaited:
            if all(word in text for word in words):
                event.set()
        for hold in tuple(self._holds):
            if not hold.matches(text):
                continue
            if not hold.taken:
                await hold.strike(send)
            if hold.fate is Fate.RACING:
                await hold.deliver()


def cases(*boundaries: tuple[str, tuple[Fate, ...], tuple[str, ...]]) -> list[Any]:
    """Every boundary with each of its fates, named as a sentence goes on."""
    return [
        pytest.param(fate, words, id=f"{what}, and {fate.value}")
        for what, fates, words in boundaries
        for fate in fates
    ]


async def reached(*gates):
    """Wait until a trainer stands before each of these files."""
    for gate in gates:
        sign = Path(f"{gate}.reached")
        await until(partial(asyncio.to_thread, sign.exists), f"a trainer at {gate}")


def fill_in(words, **commits):
    """The words of a call, with the IDs that only the test knows."""
    return [word.format(**commits) for word in words]

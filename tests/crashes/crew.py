"""Who kills operators at random moments, and remembers at which."""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from crashes.moments import NthWrite, Passing
from crashes.operators import Operator
from integration.crash.holds import Fate, Hold

__all__ = ["Crew"]

_ANY_TIME = "any time"
_AT_ANY_TIME = 0.3
"""The share of kills that are between calls, or in the middle of reading."""
_LONGEST_SECONDS = 30.0


@dataclass(slots=True)
class Crew:
    """Kills operators at random moments, and remembers at which."""

    rng: random.Random
    life: int = 150
    """So many calls that change something at most; a commit takes about twenty."""
    kills: Counter[str] = field(default_factory=Counter)
    """By the call that was under way; or at any time."""
    late: list[Hold] = field(default_factory=list)
    """Calls that are still on their way."""

    @property
    def killed(self) -> int:
        """How many kills there were."""
        return self.kills.total()

    @property
    def at_calls(self) -> int:
        """How many struck in the middle of a call."""
        return self.killed - self.kills[_ANY_TIME]

    async def kill_at_random(self, operator: Operator, over: asyncio.Event) -> None:
        """Start, let live for a while, kill -9; when it is over, one lives on."""
        while True:
            await operator.start()
            moment = self._choose(operator)
            await _first(over.wait(), moment.wait())
            operator.holds.forget()
            if over.is_set() and not moment.hold.is_kept:
                return
            assert operator.runs, f"{operator.name} ended: {operator.last_words()}"
            await operator.kill()
            self.kills[moment.name] += 1
            await self._deliver()

    async def let_arrive(self) -> None:
        """Let the calls of the dead arrive that are still on their way."""
        for hold in self.late:
            await hold.deliver()
        self.late.clear()

    async def _deliver(self) -> None:
        """Sooner or later."""
        if self.rng.random() < 0.5:
            await self.let_arrive()

    def _choose(self, operator: Operator) -> "_Moment":
        """By calls, not by seconds: so it is the same on a machine that is slow."""
        count = self.rng.randint(1, self.life)
        if self.rng.random() < _AT_ANY_TIME:
            passing = Passing(count)
            operator.holds.order(passing)
            return _Moment(passing, self.rng.uniform(0.0, 0.5))
        fate = self.rng.choice((Fate.LOST, Fate.DONE, Fate.LATE))
        hold = NthWrite(fate, count)
        operator.holds.order(hold)
        if fate is Fate.LATE:
            self.late.append(hold)
        return _Moment(hold)


@dataclass(frozen=True, slots=True)
class _Moment:
    """When a call is under way, or some time after it."""

    hold: NthWrite
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """What was under way."""
        passed = isinstance(self.hold, Passing) or not self.hold.taken
        return _ANY_TIME if passed else self.hold.call

    async def wait(self) -> None:
        """Wait for it; but not for a call that never comes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_SECONDS):
                await self.hold.reached.wait()
        await asyncio.sleep(self.seconds)


async def _first(*waits: Any) -> None:
    tasks = [asyncio.ensure_future(each) for each in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

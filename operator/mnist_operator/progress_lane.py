"""Reads the logs of what runs, a few at a time, whatever their number.

A lane of its own beside all looks: what it reads is shown and decides nothing, so it
may be late, and it may fail. A run's log is read every few seconds; where many run,
they share what there is for all of them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from mnist_operator.errors import OperatorError
from mnist_operator.kube import Kube, read_end
from mnist_operator.progress import read_progress
from mnist_operator.status import Progress
from mnist_operator.tfjob import CONTAINER
from mnist_operator.traffic import CALLER, Caller

__all__ = ["Hear", "Lane", "Run", "read_run"]

_LOGGER = logging.getLogger(__name__)
_PACE_SECONDS = 0.2
"""Between two logs, whoever's they are: five a second for the whole operator."""
_AT_ONCE = 8
"""So many answers are waited for: a node that says nothing holds up no other."""
_LONGEST_PAUSE_SECONDS = 300.0
"""Between two tries at a log that cannot be read."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run whose log is read."""

    namespace: str
    staging: str
    pod: str
    """The one that speaks for it."""
    node: str = ""


Hear: TypeAlias = Callable[[Run, Progress], Awaitable[None]]


@dataclass(slots=True, eq=False)
class _Reading:
    run: Run
    hear: Hear
    due: float
    """By the loop's time."""
    failures: int = 0
    under_way: bool = False
    dropped: bool = False


async def read_run(kube: Kube, run: Run) -> bytes:
    """The end of a run's log.

    Raises:
        UpstreamError: There is none, or it may not be read.
        TimeoutError: It does not come.
    """
    return await read_end(kube, run.namespace, run.pod, CONTAINER)


class Lane:
    """Reads how far runs are, and tells whoever asked."""

    def __init__(
        self, read: Callable[[Run], Awaitable[bytes]], *, seconds: float
    ) -> None:
        self._read = read
        self.seconds = seconds
        """Between two readings of one log; 0: none is read."""
        self._readings: dict[tuple[str, str], _Reading] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()

    def __len__(self) -> int:
        """How many runs are read."""
        return len(self._readings)

    def follow(self, key: str, runs: Mapping[str, Run], hear: Hear) -> None:
        """Read these runs of a training, by staging commit, and no others of it."""
        for known in [each for each in self._readings if each[0] == key]:
            if self._readings[known].run != runs.get(known[1]):
                self._readings.pop(known).dropped = True
        for staging, run in runs.items() if self.seconds else ():
            if (key, staging) not in self._readings:
                # Not at once: most short runs are over by then, and cost nothing.
                due = _now() + self.seconds / 2
                self._readings[key, staging] = _Reading(run, hear, due)
                self._news.set()

    async def keep(self) -> None:
        """Read, one after the other, until cancelled."""
        CALLER.set(Caller("progress", urgent=False))
        while True:
            self._news.clear()
            reading = self._next()
            if reading is not None and reading.due <= _now():
                self._begin(reading)
                await asyncio.sleep(_PACE_SECONDS)
            else:
                await self._wait(None if reading is None else reading.due)

    async def _wait(self, until: float | None) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self._news.wait()

    def _next(self) -> _Reading | None:
        """Whose turn it is next; none while there is no room."""
        idle = (each for each in self._readings.values() if not each.under_way)
        first = min(idle, key=lambda each: each.due, default=None)
        return first if len(self._tasks) < _AT_ONCE else None

    def _begin(self, reading: _Reading) -> None:
        reading.under_way = True
        task = asyncio.create_task(self._try(reading))
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._end(done, reading))

    def _end(self, task: asyncio.Task[None], reading: _Reading) -> None:
        """Also of one that was cancelled: kopf's end ends what began after it."""
        self._tasks.discard(task)
        reading.under_way = False
        pause = self.seconds * 2.0 ** min(reading.failures, 10)
        longest = max(_LONGEST_PAUSE_SECONDS, self.seconds)
        reading.due = _now() + min(pause, longest)
        self._news.set()

    async def _try(self, reading: _Reading) -> None:
        run = reading.run
        try:
            found = read_progress(await self._read(run))
            if found is not None and not reading.dropped:
                await reading.hear(run, found)
            reading.failures = 0
        except (OperatorError, TimeoutError) as error:
            if reading.failures == 0:
                _LOGGER.debug("Progress of %s cannot be told: %s", run.pod, error)
            reading.failures += 1
        except Exception:
            _LOGGER.exception("Progress of %s: internal error", run.pod)
            reading.failures += 1


def _now() -> float:
    return asyncio.get_running_loop().time()

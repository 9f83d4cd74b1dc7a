"""Answers that are kept, so that many viewers ask pachd once.

What can never change (a finished commit, a ledger at one head) is kept until there is
no more room; all else for a few seconds. Whoever asks while somebody is asking
already waits for that answer, and an answer is finished also when nobody waits any
more: the next one has it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Kept"]

V = TypeVar("V")


@dataclass(slots=True)
class _Answer(Generic[V]):
    task: asyncio.Task[V]
    until: float | None = None


class Kept(Generic[V]):
    """The newest answers to one kind of question."""

    def __init__(
        self,
        most: int,
        seconds: float | None = None,
        *,
        clock: Callable[[], float] | None = None,
    ) -> None:
        """Keep `most` answers; each for so long after it was asked for, or for ever."""
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._answers: OrderedDict[Hashable, _Answer[V]] = OrderedDict()

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._answers)

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[V]]) -> V:
        """The answer; asked for where it is not kept, or too old.

        A failure is everybody's who waits for it, and is not kept.
        """
        found = self._answers.get(key)
        if found is None or self._is_old(found):
            found = self._begin(key, ask)
        self._answers.move_to_end(key)
        return await asyncio.shield(found.task)

    async def close(self) -> None:
        """End what is being asked."""
        tasks = [each.task for each in self._answers.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, key: Hashable, ask: Callable[[], Awaitable[V]]) -> _Answer[V]:
        async def answer() -> V:
            return await ask()

        task = asyncio.create_task(answer())
        until = None if self._seconds is None else self._now() + self._seconds
        found = _Answer(task, until)
        self._answers[key] = found
        task.add_done_callback(lambda done: self._ended(key, done))
        while len(self._answers) > self._most:
            self._answers.popitem(last=False)
        return found

    def _ended(self, key: Hashable, task: asyncio.Task[V]) -> None:
        kept = self._answers.get(key)
        failed = task.cancelled() or task.exception() is not None
        if failed and kept is not None and kept.task is task:
            del self._answers[key]

    def _is_old(self, answer: _Answer[V]) -> bool:
        return (
            answer.until is not None
            and answer.task.done()
            and self._now() >= answer.until
        )

    def _now(self) -> float:
        if self._clock is not None:
            return self._clock()
        return asyncio.get_running_loop().time()

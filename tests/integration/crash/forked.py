"""The operator as a process that starts at once, since these tests start so many."""

import asyncio
import os
from multiprocessing.context import ForkServerProcess

from integration.crash.launch import launch
from integration.forks import fork_context
from integration.operators import Process

__all__ = ["ForkedProcess"]


class ForkedProcess(Process):
    """`python -m mnist_operator` without the wait."""

    _forked: ForkServerProcess | None = None

    async def start(self) -> None:
        """Fork, and run the program with the settings of the world."""
        self._forked = fork_context().Process(
            target=launch, args=(self.environment, self.log), daemon=True
        )
        self._forked.start()

    async def _end(self, number: int) -> None:
        forked, self._forked = self._forked, None
        if forked is not None and forked.pid is not None:
            if forked.is_alive():
                os.kill(forked.pid, number)
            await asyncio.to_thread(forked.join)
            forked.close()

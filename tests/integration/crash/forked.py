"""The operator as a process that starts at once, since these tests start so many.

Importing takes it two seconds. So one server imports it once and forks from there:
each operator is a process of its own all the same, and dies like one.
"""

import asyncio
import multiprocessing
import os
import sys
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, ForkServerProcess

import pytest

from integration.crash.launch import launch
from integration.operators import Process

__all__ = ["ForkedProcess"]


class ForkedProcess(Process):
    """`python -m mnist_operator` without the wait."""

    _forked: ForkServerProcess | None = None

    async def start(self) -> None:
        """Fork, and run the program with the settings of the world."""
        self._forked = _context().Process(
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


@cache
def _context() -> ForkServerContext:
    """Start the server, which finds modules where we do."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", launch.__module__])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()
    first = context.Process(target=int)
    first.start()
    first.join()  # All is imported now: no test's deadline pays for it.
    return context

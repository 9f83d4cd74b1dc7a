"""Programs that start at once: one server imports them, and each is forked from it.

Importing the operator takes two seconds, importing mnistctl one. What is forked is a
process of its own all the same, and dies like one.
"""

import multiprocessing
import os
import sys
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext

import pytest

__all__ = ["fork_context"]

_PROGRAMS = ("integration.mnistctl_launch", "integration.crash.launch")


@cache
def fork_context() -> ForkServerContext:
    """Start the server, which finds modules where we do."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", *_PROGRAMS])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        # As mnistctl does it: gRPC reads this when it is imported.
        patch.setenv("GRPC_VERBOSITY", "NONE")
        forkserver.ensure_running()
    first = context.Process(target=int)
    first.start()
    first.join()  # All is imported now: no test's deadline pays for it.
    return context

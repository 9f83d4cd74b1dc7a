"""What runs in a forked mnistctl; imports nothing but the program itself."""

import os
import runpy
import signal
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection

import mnist_operator.cli.records
import mnist_operator.cli.trainings  # noqa: F401 (both are there for mnistctl)

__all__ = ["launch"]


def launch(
    arguments: Sequence[str],
    environment: dict[str, str],
    out: Connection,
    err: Connection,
) -> None:
    """Be `python -m mnist_operator.cli` with these arguments and this environment."""
    for stream, pipe in ((1, out), (2, err)):
        os.dup2(pipe.fileno(), stream)
        pipe.close()
    sys.stdout, sys.stderr = (os.fdopen(stream, "w") for stream in (1, 2))
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["mnistctl", *arguments]
    runpy.run_module("mnist_operator.cli", run_name="__main__", alter_sys=True)

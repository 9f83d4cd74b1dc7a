"""What runs in a forked mnistctl; imports nothing but the program itself."""

import importlib
import os
import pkgutil
import runpy
import signal
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection

import mnist_operator.cli

# What mnistctl imports when it is asked, whatever that is; here it is there already.
for _each in pkgutil.walk_packages(mnist_operator.cli.__path__, "mnist_operator.cli."):
    if not _each.name.endswith("__main__"):  # Or runpy warns that it is there already.
        importlib.import_module(_each.name)

__all__ = ["launch"]


def launch(
    arguments: Sequence[str],
    environment: dict[str, str],
    out: Connection,
    err: Connection,
    folder: str,
) -> None:
    """Be `python -m mnist_operator.cli`, with these arguments, in this folder."""
    for stream, pipe in ((1, out), (2, err)):
        os.dup2(pipe.fileno(), stream)
        pipe.close()
    sys.stdout, sys.stderr = (os.fdopen(stream, "w") for stream in (1, 2))
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["mnistctl", *arguments]
    runpy.run_module("mnist_operator.cli", run_name="__main__", alter_sys=True)

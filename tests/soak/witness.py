"""The operator, and beside it a thread that says on SIGUSR2 what the process holds.

`python -m soak.witness FILE` is `python -m mnist_operator`, with tracemalloc on; at
each signal one line of JSON is added to the file. Nothing of this is in the product.
"""

import asyncio
import ctypes
import gc
import json
import signal
import sys
import threading
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

from mnist_operator import hub
from mnist_operator.__main__ import main
from soak.heap import bytes_in_use
from soak.holdings import count_holdings

__all__ = ["look_inside"]

_LONGEST = 15
_ASKED = {signal.SIGUSR2}
_OWN = "mnist_operator"
_POOLED = "asyncio_"
"""So begin the names of the threads of asyncio's pool (`asyncio.to_thread`)."""


def look_inside() -> dict[str, Any]:
    """What there is now, once the garbage is out, and the most since the last look."""
    _, peak = tracemalloc.get_traced_memory()
    gc.collect()
    things = gc.get_objects()
    # Not by isinstance: an abstract class remembers every class that it is asked about.
    loops = [o for o in things if asyncio.AbstractEventLoop in type(o).__mro__]
    hubs = [o for o in things if type(o) is hub.Hub]
    types = Counter(type(each).__name__ for each in things)
    del things
    tasks = [task for loop in loops for task in asyncio.all_tasks(loop)]
    return {
        "tasks": len(tasks),
        "task_kinds": Counter(_kind(task) for task in tasks),
        "pooled": sum(t.name.startswith(_POOLED) for t in threading.enumerate()),
        "heap": bytes_in_use(),
        "objects": types.total(),
        "types": dict(types.most_common(_LONGEST)),
        "holdings": count_holdings(*hubs),
        "peak": peak,
        **_traced(),
    }


def _kind(task: "asyncio.Task[Any]") -> str:
    return str(getattr(task.get_coro(), "__qualname__", ""))


def _traced() -> dict[str, Any]:
    """Bytes that Python has allocated and not freed: all, the operator's, by file."""
    snapshot = tracemalloc.take_snapshot()
    by_file = {
        _short(each.traceback[0].filename): each.size
        for each in snapshot.statistics("filename")
    }
    own = {name: size for name, size in by_file.items() if name.startswith(_OWN)}
    return {
        "traced": sum(by_file.values()),
        "own": sum(own.values()),
        "own_files": own,
        "files": dict(Counter(by_file).most_common(_LONGEST)),
    }


def _short(filename: str) -> str:
    for mark in ("site-packages/", "/operator/"):
        if mark in filename:
            return filename.rpartition(mark)[2]
    return filename


def _report(path: Path) -> None:
    """Tell whenever asked: the main thread waits for signals of its own, no others."""
    while True:
        signal.sigwait(_ASKED)
        line = json.dumps(look_inside())
        with path.open("a") as file:
            file.write(f"{line}\n")
        # What the look itself takes is not the operator's, and the allocator keeps it:
        # with 60 MB traced, and nothing else to do, eight snapshots of tracemalloc's
        # made RSS 41 to 80 MB larger, in steps; by 2 MB where it was trimmed.
        _trim()
        tracemalloc.reset_peak()


def _trim() -> None:
    """Give what is free back to the kernel: glibc keeps it otherwise."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _main() -> int:
    # Blocked here, so in every thread that is begun from here on.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ASKED)
    tracemalloc.start()
    report = Path(sys.argv[1])
    report.touch()  # From here on a signal is a question, and does not end us.
    threading.Thread(target=_report, args=[report], daemon=True).start()
    return main()


if __name__ == "__main__":
    sys.exit(_main())

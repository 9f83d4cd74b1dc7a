"""The main thread: it hears signals, and sees to it that the process ends in time.

The work runs in a thread of its own, so that a signal counts also while the loop is
held up; and because kopf, which sets up signals of its own, does so in a main thread
only, and would take the second SIGTERM for a fault.
"""

import asyncio
import json
import logging
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

__all__ = ["LEASE_LOST", "end_at_once", "supervise"]

_LOGGER = logging.getLogger(__name__)

STOP_SECONDS = 12.0
"""From SIGTERM to the end, whatever is under way; Kubernetes kills after 15 s."""
LEASE_LOST = 3
"""Exit status of who cannot be sure any more to be the only one at work."""
_ASKS = {signal.SIGTERM, signal.SIGINT}
_ENDED = signal.SIGUSR1

Work = Callable[[threading.Event], Coroutine[Any, Any, None]]


class _Worker(threading.Thread):
    """The loop, and what came of it."""

    def __init__(self, work: Work, stop: threading.Event) -> None:
        super().__init__(name="loop", daemon=True)
        self._work = work
        self._until = stop
        self._main = threading.get_ident()
        self.error: BaseException | None = None
        self.ended = False

    def run(self) -> None:
        try:
            asyncio.run(self._work(self._until))
        except BaseException as error:  # noqa: BLE001 (the main thread has it then)
            self.error = error
        self.ended = True
        signal.pthread_kill(self._main, _ENDED)


def supervise(
    work: Work, *, seconds: float = STOP_SECONDS, json_log: bool = False
) -> None:
    """Run this to its end; SIGTERM asks it to stop, and a second one ends at once.

    Whatever it does, the process ends so many seconds after the first one. Raises
    what the work raised, but not what went wrong only because it was to stop.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {*_ASKS, _ENDED})
    stop = threading.Event()
    worker = _Worker(work, stop)
    worker.start()
    late = threading.Timer(seconds, _end_late, [json_log])
    late.daemon = True
    asked = False
    try:
        while True:
            number = signal.sigwait({*_ASKS, _ENDED})
            if number == _ENDED:
                if worker.ended:
                    break
            elif asked:
                os._exit(128 + number)
            else:
                asked = True
                stop.set()
                late.start()
        worker.join()
    finally:
        late.cancel()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if worker.error is not None:
        if not asked:
            raise worker.error
        _LOGGER.warning("While stopping: %r", worker.error)


def _end_late(json_log: bool) -> None:  # noqa: FBT001 (a timer hands it over)
    end_at_once("Did not stop in time: ending as it is.", 0, json_log=json_log)


def end_at_once(message: str, status: int, *, json_log: bool) -> None:
    """End the process, from any thread, with a last word where that can be had."""
    line = message
    if json_log:
        said = {"message": message, "timestamp": datetime.now(UTC).isoformat()}
        line = json.dumps(said | {"severity": "error"})
    output = sys.stderr.fileno()
    # Not by logging: its lock may be held by a thread that stands still, as may the
    # reader of our output.
    if select.select([], [output], [], 0)[1]:
        os.write(output, f"{line}\n".encode())
    os._exit(status)

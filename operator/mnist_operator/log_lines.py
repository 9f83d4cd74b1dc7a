"""The log's way out: through a thread of its own, which alone may be held up.

Who reads our output may stand still: a container runtime whose disk is full, a
terminal that was stopped. The pipe is full then, and whoever writes to it waits, with
all trainings and the end of the process waiting behind. So lines are handed over here,
and where too many wait, the newest are left out and counted.
"""

import io
import logging
import os
import threading
from collections import deque
from typing import TextIO

__all__ = ["LineHandler", "hand_over"]

_LINES = 10_000
"""So many may wait, a few MB of them at most in practice."""
_LAST_WORDS_SECONDS = 1.0
"""How long the end of the process waits for what was said last."""


class LineHandler(logging.Handler):
    """Writes each record as a line to a file descriptor, when there is room for it."""

    def __init__(self, output: int, *, lines: int = _LINES) -> None:
        super().__init__()
        self._output = output
        self._most = lines
        self._waiting: deque[bytes] = deque()
        self._left_out = 0
        self._changed = threading.Condition()
        self._busy = False
        threading.Thread(target=self._write, daemon=True, name="log").start()

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a record over; never waits for whoever reads it."""
        try:
            line = f"{self.format(record)}\n".encode(errors="backslashreplace")
        except Exception:  # noqa: BLE001 (as every handler: no line ends its caller)
            self.handleError(record)
            return
        with self._changed:
            if len(self._waiting) >= self._most:
                self._left_out += 1
                return
            if self._left_out:
                told = f"{self._left_out} lines of the log were left out here.\n"
                self._waiting.append(told.encode())
                self._left_out = 0
            self._waiting.append(line)
            self._changed.notify_all()

    def flush(self) -> None:
        """Give what waits a moment to get out."""
        with self._changed:
            self._changed.wait_for(lambda: self.is_empty, _LAST_WORDS_SECONDS)

    @property
    def is_empty(self) -> bool:
        """Whether every line has been written, or was lost in writing it."""
        return not self._waiting and not self._busy

    def _write(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting)
                line = self._waiting.popleft()
                self._busy = True
            _put(self._output, line)


def _put(output: int, line: bytes) -> None:
    """Write all of it; what cannot be written, as on a full disk, is lost."""
    while line:
        try:
            written = os.write(output, line)
        except OSError:
            return
        line = line[written:]


def hand_over(logger: logging.Logger, output: TextIO) -> None:
    """Let every handler of a logger that writes to a stream do so from that thread.

    One without a file descriptor holds nobody up, and stays as it is.
    """
    try:
        descriptor = output.fileno()
    except io.UnsupportedOperation:
        return
    for handler in [*logger.handlers]:
        if isinstance(handler, logging.StreamHandler) and handler.stream is output:
            aside = LineHandler(descriptor)
            aside.setFormatter(handler.formatter)
            aside.setLevel(handler.level)
            logger.removeHandler(handler)
            logger.addHandler(aside)

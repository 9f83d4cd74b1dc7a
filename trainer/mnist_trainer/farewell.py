"""For the end of a run: one line of JSON that says why, whatever ended it.

Kubernetes copies the line from the termination log into the pod's status, where the
operator finds it long after the pod's log has gone.
"""

import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

__all__ = ["end_on_signals", "last_words", "leave"]

_LONGEST: Final = 1024
"""Bytes; Kubernetes itself cuts at 4096 for a whole pod."""

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def last_words(reason: str, message: str) -> str:
    """Compose the line, cutting the message until all of it fits."""
    text = " ".join(message.split())[:_LONGEST]
    # Half a character, such as of a file's name that is no UTF-8, is nobody's text.
    text = text.encode(errors="backslashreplace").decode()
    while True:
        line = json.dumps({"reason": reason, "message": text}) + "\n"
        over = len(line.encode()) - _LONGEST
        if over <= 0:
            return line
        # One character may take six bytes in JSON, so this takes a few rounds.
        text = text[: -max(1, over // 6) - 1] + "…" if len(text) > 1 else ""


def leave(log: Path | None, reason: str, message: str) -> None:
    """Write the last words; a run does not fail because nobody can hear them."""
    if log is None:
        return
    with contextlib.suppress(OSError):
        log.write_text(last_words(reason, message))


def end_on_signals(say_goodbye: Callable[[str], None]) -> None:
    """End the process at once on SIGTERM and SIGINT, with 128 plus the signal's number.

    Python runs its signal handlers between two instructions of the main thread, and a
    step of TensorFlow is one instruction that may last for seconds.
    So a thread waits for the signal instead: Python's own C handler wakes it through
    a pipe.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for number in _SIGNALS:
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(
        target=_wait, args=(reader, say_goodbye), name="signals", daemon=True
    ).start()


def _wait(reader: int, say_goodbye: Callable[[str], None]) -> None:
    number = os.read(reader, 1)[0]
    try:
        say_goodbye(signal.Signals(number).name)
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        # Not sys.exit: the main thread may be deep inside TensorFlow.
        os._exit(128 + number)

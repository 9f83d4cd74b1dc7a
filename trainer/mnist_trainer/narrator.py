"""For whoever watches: a bar that moves on a terminal, plain lines in a pod's log.

It also knows what the run is doing right now, which is what the last words of an
interrupted run say.
"""

from typing import Final, TextIO

__all__ = ["Narrator"]

_WIDTH: Final = 30
_CLEAR: Final = "\r\x1b[K"


class Narrator:
    """Tells one story on one stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self.doing = "starting"

    def begin(self, doing: str) -> None:
        """Enter the next part of the run, in words that complete "while ..."."""
        self.doing = doing

    def say(self, line: str) -> None:
        """Say something that stays."""
        clear = _CLEAR if self._live else ""
        self._stream.write(f"{clear}{line}\n")
        self._stream.flush()

    def advance(self, title: str, part: float, text: str) -> None:
        """Move the bar; a pod's log, where nothing moves, hears nothing of it."""
        if not self._live:
            return
        bar = ("#" * round(part * _WIDTH)).ljust(_WIDTH, ".")
        self._stream.write(f"{_CLEAR}{title} [{bar}] {part:4.0%} {text}")
        self._stream.flush()

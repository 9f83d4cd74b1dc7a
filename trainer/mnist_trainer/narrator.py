"""For whoever watches: a bar that moves on a terminal, plain lines in a pod's log.

It also knows what the run is doing right now, which is what the last words of an
interrupted run say.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TextIO

__all__ = ["Narrator", "Progress"]

_WIDTH: Final = 20
_CLEAR: Final = "\r\x1b[K"

_SILENCE: Final = 10.0
"""Seconds after which a log, where no bar moves, is told how far training is."""

_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class Progress:
    """How far training has come."""

    title: str
    step: int
    """Steps taken, of all epochs."""
    steps: int
    """Steps that there will be, of all epochs."""
    batch: int
    """Images in a step."""
    loss: float
    accuracy: float
    """Of the last few steps, up to 1."""

    @property
    def part(self) -> float:
        """How much of the whole training is done, up to 1."""
        return self.step / self.steps


class Narrator:
    """Tells one story on one stream."""

    def __init__(
        self, stream: TextIO, *, seconds: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._seconds = seconds
        self.doing = "starting"
        self._said: list[str] = []
        self._spoke_at = seconds()
        self._first: tuple[int, float] | None = None

    def begin(self, doing: str) -> None:
        """Enter the next part of the run, in words that complete "while ..."."""
        self.doing = doing

    def say(self, line: str) -> None:
        """Say something that stays."""
        self._said.append(line)
        self._spoke_at = self._seconds()
        clear = _CLEAR if self._live else ""
        self._stream.write(f"{clear}{line}\n")
        self._stream.flush()

    def hint(self, line: str) -> None:
        """Say something to programs alone: nobody who looks on needs it, or later."""
        if not self._live:
            self._stream.write(f"{line}\n")
            self._stream.flush()

    def story(self) -> str:
        """Repeat all that was said so far, for the log that is kept."""
        return "".join(f"{line}\n" for line in self._said)

    def advance(self, progress: Progress) -> None:
        """Move the bar; or, where nothing moves, say a word now and then."""
        now = self._seconds()
        # The first of a training comes after its graph was built: no rate to go by.
        self._first = self._first or (progress.step, now)
        told = ", ".join(_tell(progress, *self._first, now))
        if self._live:
            self._draw(f"{_bar(progress.part)} {told}")
        elif now - self._spoke_at >= _SILENCE:
            self.say(f"{progress.part:.0%}, {told}")

    def _draw(self, line: str) -> None:
        """Draw over what is there, in one row: a second one would stay for ever."""
        self._stream.write(_CLEAR + line[: shutil.get_terminal_size().columns - 1])
        self._stream.flush()


def _bar(part: float) -> str:
    return f"[{'#' * round(part * _WIDTH):.<{_WIDTH}}] {part:4.0%}"


def _tell(progress: Progress, first: int, began: float, now: float) -> list[str]:
    told = [
        f"{progress.title} step {progress.step}/{progress.steps}",
        f"loss {progress.loss:.4f}",
        f"accuracy {progress.accuracy:.2%}",
    ]
    taken, spent = progress.step - first, now - began
    if not taken or spent <= 0:
        return told
    left = (progress.steps - progress.step) * spent / taken
    images = taken * progress.batch / spent
    return [f"{_duration(left)} left", *told, f"{images:,.0f} images/s"]


def _duration(seconds: float) -> str:
    """Say it in the way of a clock where it is long."""
    minutes, rest = divmod(round(seconds), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{minutes}:{rest:02}" if minutes else f"{rest} s"

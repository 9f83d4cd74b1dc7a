"""For programs that read the log: now and then one line that says how far it is.

The line is ``progress: `` and a JSON object; docs/trainer.md has the format, which the
operator reads. A person at a terminal sees a bar instead.
"""

import json
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any, Final, Protocol

from mnist_trainer.history import Epoch
from mnist_trainer.phases import Clock

__all__ = ["Course", "Reporter"]

_MARK: Final = "progress: "
_LEAST_SECONDS: Final = 1.0
_MOST_SECONDS: Final = 10.0
_PART: Final = 0.01
"""Of the time that has passed: a day of training is not a day of lines."""


class Course(Protocol):
    """The way to go, such as a plan."""

    @property
    def epochs(self) -> int:
        """How many there will be."""

    @property
    def steps(self) -> int:
        """How many an epoch has."""


class Reporter:
    """Says how far one training is, seldom enough to cost nothing."""

    def __init__(
        self, write: Callable[[str], None], clock: Clock, course: Course
    ) -> None:
        self._write = write
        self._clock = clock
        self._course = course
        self._first: tuple[int, float] | None = None
        self._due = 0.0

    def advance(self, step: int, *, loss: float, accuracy: float) -> None:
        """Say it, if it was not said a moment ago.

        Args:
            step: how many were taken, of all epochs.
            loss: of the last few steps.
            accuracy: of the last few steps, up to 1.

        """
        self._begin(step)
        if self._clock.seconds() >= self._due:
            epoch = (step - 1) // self._course.steps + 1
            self._say(epoch, step, loss, accuracy)

    def close_epoch(self, epoch: Epoch) -> None:
        """Say what came of an epoch, whenever the last line was."""
        step = epoch.number * self._course.steps
        self._begin(step)
        self._say(epoch.number, step, epoch.loss, epoch.accuracy)

    def _begin(self, step: int) -> None:
        """Remember where and when the first steps were over, once.

        Before them the graph was built, and an interrupted run may have done the most:
        neither has a part in the rate.
        """
        if self._first is None:
            self._first = step, self._clock.seconds()

    def _say(self, epoch: int, step: int, loss: float, accuracy: float) -> None:
        now, steps = self._clock.seconds(), self._course.epochs * self._course.steps
        first, began = self._first or (step, now)
        spent = now - began
        self._due = now + min(max(spent * _PART, _LEAST_SECONDS), _MOST_SECONDS)
        line: dict[str, Any] = {
            "epoch": epoch,
            "epochs": self._course.epochs,
            "step": step,
            "steps": steps,
            "metrics": {"accuracy": round(accuracy, 6), "loss": round(loss, 6)},
        }
        if step > first:
            left = timedelta(seconds=(steps - step) * spent / (step - first))
            end = (self._clock.now() + left).astimezone(UTC).replace(tzinfo=None)
            line["estimatedCompletionTime"] = f"{end.isoformat(timespec='seconds')}Z"
        self._write(_MARK + json.dumps(line))

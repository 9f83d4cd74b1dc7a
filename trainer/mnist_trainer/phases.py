"""For knowing where the time went: how long each part of a run took, in seconds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

__all__ = ["Clock", "Phases"]


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of day, and a stop watch."""

    now: Callable[[], datetime]
    seconds: Callable[[], float]
    """Since the process began."""


@dataclass(frozen=True, slots=True)
class Phases:
    """One part after another, from the start of the process; and what is done beside.

    The parts leave no gap, so they add up to the total.
    """

    clock: Clock
    _begun: list[tuple[str, float]] = field(default_factory=lambda: [("start", 0.0)])
    _beside: dict[str, float] = field(default_factory=dict)

    def begin(self, name: str) -> None:
        """End the part that is under way, and begin the next."""
        self._begun.append((name, self._now()))

    @contextmanager
    def beside(self, name: str) -> Iterator[None]:
        """Measure what is done within, in another thread or as a part of a part."""
        began = self._now()
        yield
        self._beside[name] = round(self._now() - began, 3)

    def describe(self) -> dict[str, Any]:
        """Tell of all parts until now, of their total, and of what was beside them."""
        now = self._now()
        ends = [began for _, began in self._begun[1:]] + [now]
        spent: dict[str, float] = {}
        for (name, began), end in zip(self._begun, ends, strict=True):
            spent[name] = round(spent.get(name, 0.0) + end - began, 3)
        return {**spent, "total": now, "beside": dict(self._beside)}

    def _now(self) -> float:
        return round(self.clock.seconds(), 3)

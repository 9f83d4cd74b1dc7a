"""The time in the simulated world, as its servers tell it."""

from dataclasses import dataclass
from datetime import timedelta

from simulation.loop import SimulatedLoop
from unit.builders import NOW

__all__ = ["Clock"]

_TICK = timedelta(microseconds=1)


@dataclass
class Clock:
    """The world's time; two commits are never begun at the same."""

    loop: SimulatedLoop
    ticks: timedelta = timedelta()

    @property
    def now(self):
        return NOW + timedelta(seconds=self.loop.now) + self.ticks

    def tick(self):
        self.ticks += _TICK

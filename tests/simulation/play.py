"""Play a schedule: let it happen, let all settle, and say what was broken."""

import asyncio
import logging
from dataclasses import dataclass
from random import Random
from random import seed as seed_all

from mnist_operator.errors import UpstreamError
from simulation.audit import explain
from simulation.eager import eager_gather
from simulation.ending import settle
from simulation.happenings import Happenings
from simulation.remembered import remembering
from simulation.world import SimulatedWorld

__all__ = ["Result", "play"]


_AFTERMATH = 60.0
"""Seconds for what is still to happen at some call, before faults are off."""


@dataclass(frozen=True)
class Result:
    """What came of one schedule."""

    faults: int
    calls: int
    violation: str
    """Empty: all went well."""
    story: list[str] | None


class _Faults(logging.Handler):
    """What the operator itself calls an internal error."""

    def __init__(self, world) -> None:
        super().__init__(logging.ERROR)
        self._world = world

    def emit(self, record):
        self._world.audit.violations.append(self.format(record))


def play(schedule, seed, *, trace=False):
    """Play it; the seed decides what the schedule leaves open."""
    seed_all(seed)  # The operator's own jitter.
    random = Random(seed ^ 0x5EED)  # noqa: S311 (the same for each seed)
    world = SimulatedWorld(random, trace=trace)
    faults = _Faults(world)
    logger = logging.getLogger("mnist_operator")
    logger.addHandler(faults)
    try:
        with eager_gather(), remembering():
            violation = _play(world, schedule)
    finally:
        logger.removeHandler(faults)
    calls = sum(each.calls for each in world.processes)
    return Result(world.faults, calls, violation, world.story)


def _play(world, schedule):
    violations = world.audit.violations
    try:
        happenings = _let_happen(world, schedule)
        if not violations:
            settle(world, happenings)
    except AssertionError as error:
        violations.append(explain(error))
    _clear(world)
    for trouble in world.loop.troubles:
        error = trouble.get("exception")
        if isinstance(error, asyncio.CancelledError):  # What a kill leaves behind.
            continue
        if isinstance(error, UpstreamError) and "never retrieved" in trouble["message"]:
            continue  # Who asked was cancelled as the answer came.
        violations.append(f"{trouble['message']}: {error!r}")
    return violations[0] if violations else ""


def _let_happen(world, schedule):
    happenings, began = Happenings(world), 0.0
    for at, *what in schedule:
        world.loop.run_until(began + at)
        if world.audit.violations:
            break
        happenings.happen(*what)
        if what[0] == "stage":
            began = world.loop.now
    world.loop.run_until(world.loop.now + _AFTERMATH)
    return happenings


def _clear(world):
    """Nobody works in it any more."""
    for process in world.processes:
        process.kill()
    for task in asyncio.all_tasks(world.loop):
        task.cancel()
    world.loop.run_until(world.loop.now)

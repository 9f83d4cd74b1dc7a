"""One process of the operator: the real engine, and what can happen to it.

It can be killed, stopped for a while (SIGSTOP), be deaf to what it should be told,
read what is out of date, and have a clock that is wrong. And each of its calls can go
wrong, see `Trouble`.
"""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from mnist_operator.access import Door
from mnist_operator.engine import Engine
from mnist_operator.hub import Hub
from mnist_operator.settings import Settings
from mnist_operator.tfjob import Endpoint
from mnist_operator.traffic import CALLER
from simulation.api import Api
from simulation.feeds import SimulatedFeeds
from simulation.gated import KindComparer
from simulation.kopf import SimulatedKopf
from simulation.pachd import Client
from simulation.troubles import draw_error, make_denial
from simulation.uncounted import UNCOUNTED
from simulation.waiting import pause
from unit.builders import IMAGE

__all__ = ["Process", "Trouble"]

SETTINGS = Settings(TRAINER_IMAGE=IMAGE, PACHD_ADDRESS="pachd", S3_ENDPOINT="s3:1600")
_WRITES = frozenset(
    {
        "start_commit",
        "create_branch",
        "modify",
        "FinishCommit",
        "clear_commit",
        "drop_commit",
        "append",
        "edit_metadata",
        "POST tfjob",
        "DELETE tfjob",
        "PATCH tfjob",
    }
)
_STOPPED_SECONDS = 60.0
_ENDLESS = 5000
"""Calls of one process: no schedule needs more than a tenth of that."""
_CALLS_A_SECOND = 1.0
"""So many besides: a look every ten seconds, for as long as a pod cannot start."""
_HASTY, _SPELL_SECONDS = 600, 10.0
"""Calls of one process in so many seconds: one that tries again at once makes more.

Not counted where an API server lags behind: its lists are not the newest in that case,
which those of a real one are where no version is asked for.
"""
_LOOK_AND_MOVE = 3
"""Calls from a look at the output branch to the move that rests on it."""
_GLANCE_SECONDS = 5.0
"""So soon goes on what was stopped, once it may."""
LATE_SECONDS = 20.0
"""A call that got lost on its way may arrive so much later."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens to one call, after `after` more calls that go well.

    `lost`: it never arrives, or is refused. `unanswered`: it takes effect, and then
    fails. `late`: it fails, and takes effect some time later. `twice`: sent again by
    a connection that lost the first answer. `killed`: it takes effect, and nobody is
    there any more to hear of that. `stopped`: it takes effect, and whoever made it
    hears of that a minute later.
    """

    kind: str
    after: int
    call: str = ""
    """Only calls of this name are meant and counted; empty: all."""


class Process:
    """Starts at once; `number` tells it from others."""

    def __init__(self, world, number) -> None:
        self.world = world
        self.number = number
        self.alive = True
        self.stopped_until = 0.0
        self.deaf_until = self.relists_at = 0.0
        self.stale_until = self.ignores_until = 0.0
        self.stale = {}
        self.skew = timedelta()
        self.calls = self.looks = 0
        self._spell_ends, self._calls_then = 0.0, 0
        """The spell in which calls are counted, and how many there were before."""
        self.troubles = []
        self._sent = defaultdict(lambda: deque(maxlen=_LOOK_AND_MOVE))
        """When the last calls were made, by the training that they were made for."""
        self.due = []
        """What else is to happen at its calls: the call's number, and what."""
        self._loop = world.loop
        self._random = world.random
        api, self.feeds = Api(self), SimulatedFeeds(self)
        self.engine = Engine(
            api,
            _Access(self),
            self.feeds,
            SETTINGS,
            partial(_time_of, self),
            metrics=UNCOUNTED,
            comparer=KindComparer(world),
        )
        self.kopf = SimulatedKopf(self, Hub(self.engine))
        self.kopf.start()

    def kill(self):
        """As kill -9 does: no call of it takes effect from here on."""
        self.alive = False
        self.feeds.watches.clear()
        self.kopf.stop()

    def deafen(self, seconds):
        """No event reaches it, for so long; then it lists anew."""
        self.deaf_until = self.relists_at = self._loop.now + seconds
        self._loop.call_at(self.deaf_until, self.world.tell_all, self.kopf)

    def recover(self):
        """Nothing is wrong with it any more."""
        now = self._loop.now
        deaf = max(self.relists_at, self.stopped_until) >= now
        self.stopped_until = self.deaf_until = self.stale_until = now
        self.ignores_until = now
        self.skew = timedelta()
        self.troubles.clear()
        self.due = []
        if deaf:
            self.world.tell_all(self.kopf)
            for watch in self.feeds.watches:
                self.feeds.stir(watch)

    def read_stale(self, seconds):
        """The API server that it asks lags behind, for so long."""
        kubernetes = self.world.kubernetes
        self.stale_until = self._loop.now + seconds
        self.stale = {
            "trainings": dict(self.world.bodies),
            "jobs": dict(kubernetes.jobs),
            "pods": dict(kubernetes.pods),
        }

    async def call(self, service, name, effect):
        """Make one call: it takes effect at once and whole, now or a while from now."""
        world, loop = self.world, self._loop
        if self.stopped_until > loop.now:
            await self._resumed()
        sent = self._set_out()
        seconds = world.latency()
        if seconds and self.alive:
            await pause(loop, seconds)
        if not self.alive:  # A process that died meanwhile made no call.
            raise asyncio.CancelledError
        trouble = self._find_trouble(name) if self.troubles else ""
        if world.down[service] > loop.now or name in world.denied:
            await self._meet_outage(service, name)
        if world.story is not None:
            world.note(self, f"{name} {trouble}".strip())
        if trouble:
            return await self._suffer(trouble, service, name, effect)
        world.looked_at = sent[0]
        result = self._take(name, effect) if name in _WRITES else effect()
        if self.stopped_until > loop.now:
            await self._resumed()
        return result

    async def _meet_outage(self, service, name):
        world, now = self.world, self._loop.now
        if world.down[service] <= now:
            if world.denied[name] > now:
                raise make_denial(service, name)
            return
        world.count_fault()
        await pause(self._loop, 0.5)
        raise draw_error(service, name, self._random, outage=True)

    def _set_out(self):
        """One more call; returns when it and those before it were made."""
        self.calls += 1
        sent = self._sent[CALLER.get().name]
        sent.append(self._loop.now)
        if self._loop.now > self._spell_ends or self.stale_until > self._loop.now:
            self._spell_ends = self._loop.now + _SPELL_SECONDS
            self._calls_then = self.calls
        if self.due or self.calls > self._calls_then + _HASTY or self.calls > _ENDLESS:
            self._meet()
        return sent

    def _meet(self):
        """What was to happen at this call; and an end of those without end."""
        world = self.world
        most = _ENDLESS + _CALLS_A_SECOND * self._loop.now
        most = min(most, self._calls_then + _HASTY)
        if self.calls > most and self.alive:
            world.audit.violations.append(f"operator {self.number} does not rest")
            self.kill()
        if self.due and self.alive:
            world.meet(self)

    def _take(self, name, effect):
        """Let it take effect, and look at what that has changed."""
        world = self.world
        if name in _WRITES:
            world.writes += 1
        try:
            return effect()
        finally:
            world.look()
            if world.on_write is not None:
                world.on_write()

    async def _suffer(self, trouble, service, name, effect):
        """What becomes of a call that does not go well."""
        world = self.world
        await pause(self._loop, 0.5)
        if trouble == "late":
            delay = LATE_SECONDS * self._random.random()
            self._loop.call_later(delay, world.arrive_late, service, name, effect)
        elif trouble == "stopped":
            self.stopped_until = self._loop.now + _STOPPED_SECONDS
            result = self._take(name, effect)
            await self._resumed()
            return result
        elif trouble != "lost":
            world.repeat(effect)
            world.look()
        if trouble == "twice":
            return self._take(name, effect)
        if trouble == "killed":
            world.kill(self)
            raise asyncio.CancelledError
        raise draw_error(service, name, self._random)

    async def _resumed(self):
        while self.alive and self.stopped_until > self._loop.now:
            seconds = min(self.stopped_until - self._loop.now, _GLANCE_SECONDS)
            await pause(self._loop, seconds)

    def _find_trouble(self, call):
        """The trouble that this call has, if any; each has its own count."""
        found = ""
        for place, trouble in enumerate(tuple(self.troubles)):
            if trouble.call not in {"", call}:
                continue
            self.troubles[place] = replace(trouble, after=trouble.after - 1)
            if trouble.after <= 0 and not found:
                found = trouble.kind
        if found:
            self.world.count_fault()
            self.troubles = [each for each in self.troubles if each.after >= 0]
        return found


def _time_of(process):
    return process.world.turns.now + process.skew


class _Access:
    def __init__(self, process) -> None:
        self._door = Door(Client(process), Endpoint("s3:1600"))

    async def open(self, training):
        return self._door

    def forget(self, training):
        return ""

    async def refresh(self, used):
        return set()

"""Operators of the model world: real but for their loop, stopped before any call."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from mnist_operator import summary
from mnist_operator.access import Door
from mnist_operator.commits import CommitState
from mnist_operator.errors import OperatorError
from mnist_operator.gate_readings import Comparer
from mnist_operator.observer import Observer
from mnist_operator.performer import Performer
from mnist_operator.plan import Publish
from mnist_operator.readings import Memory
from mnist_operator.reconcile import reconcile
from mnist_operator.tfjob import Endpoint
from unit.builders import IMAGE
from unit.model_turns import Gate
from unit.model_world import World

_FINAL = frozenset({CommitState.FINISHED, CommitState.ERRORED})


@dataclass
class _Access:
    world: World

    async def open(self, training):
        return Door(self.world.pachyderm, Endpoint("s3:1600"))


class _Alone:
    """No other training publishes on the same branch."""

    async def rival_of(self, training):
        return ""


@dataclass
class Operator:
    """One process of the operator: it can stop before any call, and crash there."""

    world: World
    doubts: bool = False
    """Whether it compares each plan with what an operator without memory plans."""
    memory: Memory = field(default_factory=Memory)
    plan: object = None
    status: dict = field(default_factory=dict)
    """As it was shown last."""
    _gate: Gate = field(default_factory=Gate)
    _acting: asyncio.Task | None = None
    _recalled: bool = False

    @property
    def is_acting(self):
        return self._acting is not None

    def look(self):
        """Observe and decide; the calls of the actions are still to come."""
        world, training = self.world, self.world.training
        if training is None:
            return
        seen = dict(self.memory.jobs)
        try:
            observed, door = world.run(self._observe(training, self.memory))
        except OperatorError:
            return
        now = world.turns.now
        self.plan = reconcile(observed, now=now)
        if self.doubts and not self._recalled:
            self._doubt(training, seen)
        published = any(isinstance(each, Publish) for each in self.plan.actions)
        if published or not self.plan.actions:
            status = summary.summarize(observed, self.plan.story, now=now).to_json()
            self.status = status
            world.show(status)
        if self.plan.actions:
            self._gate.let(0)
            self._acting = world.begin(self._act(observed, door), self._gate)

    async def _observe(self, training, memory):
        world = self.world
        observer = Observer(
            world.kubernetes, _Access(world), _Alone(), default_image=IMAGE
        )
        head = world.head()  # As the feed has seen it.
        final = head if head is not None and head.state in _FINAL else None
        recalled = await observer.recall(training, memory, final)
        self._recalled = recalled is not None
        return recalled or await observer.observe(training, memory)

    def _doubt(self, training, seen):
        """What is remembered saves calls, and changes nothing.

        As long as history is not rewritten: of a commit that is gone, only memory
        can tell that it was waiting.
        """
        world, turns = self.world, self.world.turns
        now, fault, turns.fault = turns.now, turns.fault, ""
        # Which TFJobs nobody had looked at is no saving: of those no pod is asked for.
        fresh = Memory(
            created=self.memory.created, jobs=seen, compared=self.memory.compared
        )
        observed, _ = world.run(self._observe(training, fresh))
        turns.now, turns.fault = now, fault
        assert reconcile(observed, now=now) == self.plan, world.tell()

    async def _act(self, observed, door):
        world = self.world
        performer = Performer(
            world.kubernetes,
            door,
            observed,
            self.memory,
            lambda: world.turns.now,
            comparer=Comparer(_at_once),
        )
        for action in self.plan.actions:
            await performer.perform(action)

    def proceed(self, calls=1000):
        """Make the next calls of what was begun."""
        self.world.run(self.go_on(calls))

    async def go_on(self, calls):
        """The same, while others are at it."""
        if self._acting is None:
            return
        self._gate.let(calls)
        for _ in range(10 + 10 * calls):
            if self._acting.done():
                break
            await asyncio.sleep(0)
        await self._end_if_done()

    async def _end_if_done(self):
        if self._acting is not None and self._acting.done():
            with suppress(OperatorError, asyncio.CancelledError):
                await self._acting
            self._acting = None

    def turn(self):
        """Go on with what was begun, or begin something; True when there was none."""
        if not self.is_acting:
            self.look()
        busy = self.is_acting
        self.proceed()
        return not busy

    def crash(self):
        """Lose everything that was in memory."""
        self.world.run(self._die())
        self.memory, self._gate = Memory(), Gate()

    async def _die(self):
        if self._acting is not None:
            self._acting.cancel()
            await asyncio.wait([self._acting])
        await self._end_if_done()


async def _at_once(work, *arguments):
    """In place of a thread, whose end no schedule could tell."""
    return work(*arguments)


def settle(world, *, turns=300):
    """Let all go well from here: one operator, jobs that succeed, time that passes.

    Returns the operator once it has nothing to do nor to wait for; else None.
    """
    operator = Operator(world, doubts=True)
    world.wait(5)
    for _ in range(turns):
        idle = operator.turn()
        for name in world.reaching():  # Nobody but the operator ends the others.
            world.end_job(name, 0)
            idle = False
        if idle and operator.plan.look_again_at is None:
            return operator
        world.wait(5)
    return None

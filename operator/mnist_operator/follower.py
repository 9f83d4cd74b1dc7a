"""One loop for each training: look, decide, act, look again; then sleep.

Level-triggered: a wake-up only ends the sleep. What woke us, and how often, makes
no difference, because every look reads everything anew.
"""

import asyncio
import logging
import math
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from datetime import datetime
from typing import Any

from mnist_operator import foresight, troubles
from mnist_operator.access import Door
from mnist_operator.alarm import Alarm
from mnist_operator.branch_watch import BranchWatch
from mnist_operator.cancellation import heed_cancellation
from mnist_operator.engine import Engine
from mnist_operator.errors import (
    ConflictError,
    DeniedError,
    OperatorError,
    UntrustedError,
)
from mnist_operator.pachyderm import HeadSeen
from mnist_operator.pauses import Rests, backoff
from mnist_operator.plan import Observed, Plan
from mnist_operator.post import Herald
from mnist_operator.progress_view import ProgressView
from mnist_operator.readings import Memory
from mnist_operator.recognition import recognise
from mnist_operator.reconcile import reconcile
from mnist_operator.resource import MnistTraining, parse_training
from mnist_operator.resting import is_ours, is_settled
from mnist_operator.sight import Sight
from mnist_operator.status import Reason
from mnist_operator.telling import Teller
from mnist_operator.traffic import CALLER, Caller

__all__ = ["Follower"]

_LOGGER = logging.getLogger(__name__)
_Body = Mapping[str, Any]
_STEPS = 50
"""Actions in a row before others get a turn; a commit's whole life takes eight."""
_LOOK_SECONDS = 10.0
"""A look takes well under a second, unless there is much history to walk."""
_MOMENT_SECONDS = 1.0
"""pachd mostly finishes a commit within it; of one that takes longer we tell then."""
_FORESIGHT_SECONDS = 10.0
"""What was seen longer ago says nothing of what is there now."""
_CORRECTION_SECONDS = 5.0
"""Until another's status is set right: two operators that see different things would
overrule each other as fast as calls go."""
_LASTING = 2
"""Failures in a row before an Event tells of what time mostly mends."""


class Follower:
    """Follows one MnistTraining for as long as it exists."""

    def __init__(
        self, engine: Engine, namespace: str, name: str, body: _Body | None = None
    ) -> None:
        self._engine = engine
        self._place = namespace, name
        self._listed = body
        """As it was listed a moment ago: good enough to find that all is well."""
        self._memory = Memory()
        self._meter = engine.metrics.meter(namespace, name)
        self._wake = asyncio.Event()
        self._watch = BranchWatch(engine.feeds, self._stir)
        self._stirred = False
        self._jobs_told: dict[str, tuple[str, bool]] = {}
        self._correction = Alarm(_CORRECTION_SECONDS, self.wake)
        self._failures = 0
        self._rests = Rests(engine.settings, lambda: engine.rounds.is_fresh)
        self.sight = Sight()
        self._view = ProgressView(engine.kube, engine.lane, self.sight)
        self._teller = Teller(
            engine=engine,
            place=self._place,
            meter=self._meter,
            sight=self.sight,
            view=self._view,
            memory=self._memory,
            wake=self.wake,
            herald=Herald(engine.kube),
        )
        self.looked_at = -math.inf
        """When the last look began, by the loop's time."""
        self._seen_at = -math.inf
        """The same of the last one that was not recalled."""
        self.busy_since: float | None = None
        """Since when it is inside one look or one action; None while it sleeps."""

    def wake(self) -> None:
        """End the present sleep; safe to call from any callback of the loop."""
        self._wake.set()

    def hear(self, body: _Body) -> None:
        """Wake for a change of the training, and a while after one of its status."""
        self._listed = body if self._listed is not None else None
        if self.sight.hears(body):
            self.wake()
        elif self.sight.is_overwritten(body):
            self._correction.set()

    async def peek(self) -> None:
        """Wake where somebody else has moved the output branch, which nobody tells."""
        other = await self._watch.finds_other_output(self._memory)
        if other and self.busy_since is None:
            self.wake()

    def hear_job(self, name: str, version: str, *, gone: bool) -> None:
        """Wake for a change of a TFJob, unless it is as it was seen."""
        self._jobs_told[name] = version, gone
        self._settle()

    async def follow(self) -> None:
        """Loop until cancelled; whatever goes wrong is told and tried again."""
        name, urgent = "/".join(self._place), False
        try:
            while True:
                CALLER.set(Caller(name, urgent=urgent))
                seconds = await self._turn(urgent=urgent)
                heed_cancellation()
                self.busy_since = None
                self._settle()
                # Python 3.11's wait_for loses a cancellation that meets a wake-up.
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await self._wake.wait()
                urgent = self._wake.is_set()
        finally:
            self._correction.stop()
            self._view.close()
            await self._watch.close()

    def _stir(self) -> None:
        """The feed has seen something."""
        self._stirred = True
        self._settle()

    def _settle(self) -> None:
        """Wake for what was told; inside a look it may be what that sees, too."""
        if self.busy_since is not None:
            return
        sight, told, stirred = self.sight, self._jobs_told, self._stirred
        self._jobs_told, self._stirred = {}, False
        if any(sight.hears_job(name, v, gone=gone) for name, (v, gone) in told.items()):
            self.wake()
        seen = self._watch.head if stirred else None
        if seen is None:
            return
        if seen.failing or sight.hears_head(seen.commit, finished=seen.finished):
            self.wake()

    async def _turn(self, *, urgent: bool) -> float:
        """Bring the training forward as far as it goes; return how long to sleep."""
        body: _Body | None = None
        seconds: float | None = None
        if not urgent:
            self._memory.slots = 0  # Nothing tells of one that somebody else opens.
        try:
            looks = self._engine.looks.brief_turn(_LOOK_SECONDS)
            async with nullcontext() if urgent else looks:
                for _ in range(_STEPS):
                    self._progress()
                    body = await self._read()
                    if body is None:
                        return self._rests.rest(settled=True)
                    with self._engine.metrics.looks.time():
                        training = self._memory.familiar.training(body)
                    seconds = await self._step(training)
                    if seconds is not None:
                        break
        except Exception as error:  # noqa: BLE001 (a loop that ends is the worst)
            heed_cancellation()
            return await self._suffer(body, error)
        self._failures = 0
        return seconds or 0.0

    async def _read(self) -> _Body | None:
        """The training as it is now; None when it is not ours to follow (any more).

        Whatever woke us until now is in what is read from here on.
        """
        self._wake.clear()
        self._correction.stop()
        self.looked_at = asyncio.get_running_loop().time()
        body, self._listed = self._listed, None
        engine, memory, place = self._engine, self._memory, self._place
        if body is not None:
            memory.jobless = await engine.rounds.has_no_jobs(*place)
        memory.presumed = body is not None
        if body is None:
            body = await engine.kube.get_training(*place)
        if body is None or not is_ours(body, engine.settings.shard):
            self._view.close()
            await self._watch.close()
            self.sight.let_go(body)
            return None
        self.sight.read(body)
        return body

    async def _step(self, training: MnistTraining) -> float | None:
        """Look, decide, act; how long to sleep when there was nothing to do."""
        engine, memory = self._engine, self._memory
        if memory.presumed and await self._recognise(training):
            return self._rests.rest(settled=True)
        look = engine.observer
        final = self._watch.head.final if self._watch.head else None
        recalled = await look.recall(training, memory, final)
        self._seen_at = self._seen_at if recalled else self.looked_at
        observed, door = recalled or await look.observe(training, memory)
        self._saw(observed)
        self._meter.saw(observed, memory.unexplained)
        await self._watch.follow(training, door.client)
        plan = reconcile(observed, now=engine.now())
        if plan.actions and memory.presumed:
            return None  # Nothing is done about what was not read by ourselves.
        while plan.actions:
            foreseen = await self._act(observed, plan, door)
            if foreseen is None:
                return None
            observed, plan = foreseen, reconcile(foreseen, now=engine.now())
            if plan.actions and not foresight.may_act(plan):
                return None
            self._saw(observed)
            if look.expect(observed, door, memory):
                return _MOMENT_SECONDS
        await self._teller.tell(observed, plan)
        return self._pause(observed, plan, engine.now())

    def _saw(self, observed: Observed) -> None:
        self.sight.saw(observed, self._memory.jobs)
        self._view.saw(observed)

    async def _act(self, observed: Observed, plan: Plan, door: Door) -> Observed | None:
        """Do what is planned; what the next look would see, where that is known."""
        if plan.is_worth_telling:
            await self._teller.show(observed, plan)
        performer = self._engine.performer(door, observed, self._memory, self._meter)
        for action in plan.actions:
            self._progress()
            await performer.perform(action)
        age = asyncio.get_running_loop().time() - self._seen_at
        is_known = len(plan.actions) == 1 and age < _FORESIGHT_SECONDS
        return performer.foreseen if is_known else None

    async def _recognise(self, training: MnistTraining) -> bool:
        """Whether nothing has happened to it; then this look is over."""
        known = await recognise(self._engine, training)
        if known is None:
            return False
        self._memory.jobless = False  # The next look is to see them.
        self._watch.output_head = known.output
        self._rests.trust()
        self.sight.recognised(training, known.jobs, known.head)
        self._meter.showed(known.status)
        seen = HeadSeen(known.head, finished=known.head is not None)
        await self._watch.follow(training, known.door.client, seen)
        return True

    def _progress(self) -> None:
        heed_cancellation()
        self.busy_since = asyncio.get_running_loop().time()

    def _pause(self, observed: Observed, plan: Plan, now: datetime) -> float:
        rest = self._rests.rest(settled=is_settled(observed, plan))
        if plan.look_again_at is None:
            return rest
        return min(max((plan.look_again_at - now).total_seconds(), 0.0), rest)

    async def _suffer(self, body: _Body | None, error: Exception) -> float:
        """Tell what is wrong, and when to try again."""
        key = "/".join(self._place)
        self.sight.head = None
        if isinstance(error, OperatorError):
            _LOGGER.warning("%s: %s", key, error)
        else:
            _LOGGER.error("%s: internal error", key, exc_info=error)
        secret = ""
        if body is not None and isinstance(error, DeniedError | UntrustedError):
            secret = self._engine.access.forget(parse_training(body))
        story = troubles.tell(error, secret)
        self._engine.metrics.failed(story.reason)
        if body is not None:
            if story.reason is Reason.SOURCE_UNREACHABLE:
                await self._watch.follow_blindly(body, self._engine.access)
            lasts = self._failures >= _LASTING
            await self._teller.show_trouble(body, story, lasts=lasts)
        self._failures += 1
        self._rests.doubt()
        if story.stalled:
            return self._engine.settings.resync_seconds
        return backoff(self._failures, lost_race=isinstance(error, ConflictError))

"""One loop for each training: look, decide, act, look again; then sleep.

Level-triggered: a wake-up only ends the sleep. What woke us, and how often, makes
no difference, because every look reads everything anew.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mnist_operator import announce, places, summary, troubles
from mnist_operator.access import Access, Door
from mnist_operator.announce import Announcement
from mnist_operator.commits import Commit
from mnist_operator.errors import (
    ConflictError,
    DeniedError,
    OperatorError,
    UntrustedError,
)
from mnist_operator.kube import Kube
from mnist_operator.lineage_events import Events
from mnist_operator.neighbours import Neighbours
from mnist_operator.observer import Observer
from mnist_operator.pachyderm import Feeds, Watch
from mnist_operator.performer import Performer
from mnist_operator.plan import Plan, Publish
from mnist_operator.post import post
from mnist_operator.readings import Memory
from mnist_operator.reconcile import reconcile
from mnist_operator.resource import MnistTraining, bare_training, parse_training
from mnist_operator.settings import Settings
from mnist_operator.status import Status

__all__ = ["Engine", "Follower"]

_LOGGER = logging.getLogger(__name__)
_STEPS = 50
"""Actions in a row before others get a turn; a commit's whole life takes eight."""
_FIRST_BACKOFF_SECONDS = 0.5
_LAST_BACKOFF_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Engine:
    """What all followers share."""

    kube: Kube
    access: Access
    feeds: Feeds
    settings: Settings
    now: Callable[[], datetime]
    events: Events | None = None
    """Where lineage tools are told of runs, if there are any."""
    neighbours: Neighbours = field(init=False)
    observer: Observer = field(init=False)

    def __post_init__(self) -> None:
        """Make what there is one of."""
        neighbours = Neighbours(self.kube, self.settings)
        image = self.settings.trainer_image
        observer = Observer(self.kube, self.access, neighbours, default_image=image)
        object.__setattr__(self, "neighbours", neighbours)
        object.__setattr__(self, "observer", observer)


class Follower:
    """Follows one MnistTraining for as long as it exists."""

    def __init__(self, engine: Engine, namespace: str, name: str) -> None:
        self._engine = engine
        self._namespace = namespace
        self._name = name
        self._memory = Memory()
        self._wake = asyncio.Event()
        self._watch: Watch | None = None
        self._watched: object = None
        self._failures = 0
        self._shown: tuple[int, Mapping[str, Any]] = (-1, {})
        self._annotations: Mapping[str, str] = {}
        self._told: Announcement | None = None
        self.busy_since: float | None = None
        """Since when it is inside one look or one action; None while it sleeps."""

    def wake(self) -> None:
        """End the present sleep; safe to call from any callback of the loop."""
        self._wake.set()

    def hear(self, body: Mapping[str, Any]) -> None:
        """Wake for a change of the training, unless it is our own status."""
        meta = body["metadata"]
        generation, shown = self._shown
        changed = meta.get("generation", 0) != generation
        asked = (meta.get("annotations") or {}) != self._annotations
        if changed or asked or _differs(body.get("status") or {}, shown):
            self.wake()

    async def follow(self) -> None:
        """Loop until cancelled; whatever goes wrong is told and tried again."""
        try:
            while True:
                self._wake.clear()
                seconds = await self._turn()
                self.busy_since = None
                # Python 3.11's wait_for loses a cancellation that meets a wake-up.
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await self._wake.wait()
        finally:
            await self._unwatch()

    async def _turn(self) -> float:
        """Bring the training forward as far as it goes; return how long to sleep."""
        body: dict[str, Any] | None = None
        seconds: float | None = None
        try:
            for _ in range(_STEPS):
                self._progress()
                body = await self._read()
                if body is None:
                    return self._engine.settings.resync_seconds
                seconds = await self._step(parse_training(body))
                if seconds is not None:
                    break
        except Exception as error:  # noqa: BLE001 (a loop that ends is the worst)
            return await self._suffer(body, error)
        self._failures = 0
        return min(seconds or 0.0, self._engine.settings.resync_seconds)

    async def _read(self) -> dict[str, Any] | None:
        """The training as it is now; None when it is gone, or about to be."""
        body = await self._engine.kube.get_training(self._namespace, self._name)
        if body is None or "deletionTimestamp" in body["metadata"]:
            await self._unwatch()
            return None
        return body

    async def _step(self, training: MnistTraining) -> float | None:
        """Look, decide, act; how long to sleep when there was nothing to do."""
        engine = self._engine
        look = engine.observer
        recalled = await look.recall(training, self._memory, self._final)
        observed, door = recalled or await look.observe(training, self._memory)
        self._annotations = training.annotations
        await self._follow_branch(training, door)
        now = engine.now()
        plan = reconcile(observed, now=now)
        if not plan.actions or any(isinstance(a, Publish) for a in plan.actions):
            # All other actions are over before anyone could read about them.
            status = summary.summarize(observed, plan.story, now=now)
            await self._show(training, status)
        if not plan.actions:
            await self._tell(training, plan, now)
            return self._pause(plan, now)
        performer = Performer(
            engine.kube,
            door,
            observed,
            self._memory,
            engine.now,
            events=engine.events,
            key_file=engine.settings.signing_key_file,
        )
        for action in plan.actions:
            self._progress()
            await performer.perform(action)
        return None

    def _progress(self) -> None:
        self.busy_since = asyncio.get_running_loop().time()

    async def _tell(self, training: MnistTraining, plan: Plan, now: datetime) -> None:
        told = announce.tell_story(plan.story)
        if told is not None and told != self._told:
            self._told = told
            await post(self._engine.kube, training, told, now=now)

    @property
    def _final(self) -> Commit | None:
        """The input branch's head, once it is finished."""
        head = self._watch.head if self._watch else None
        return head.final if head else None

    def _pause(self, plan: Plan, now: datetime) -> float:
        if plan.look_again_at is None:
            return self._engine.settings.resync_seconds
        return max((plan.look_again_at - now).total_seconds(), 0.0)

    async def _follow_branch(self, training: MnistTraining, door: Door) -> None:
        """Let the shared feed wake us; a new Secret or address means a new watch."""
        watched = (door.client.connection, places.input_branch(training))
        if watched == self._watched:
            return
        await self._unwatch()
        branch = places.input_branch(training)
        self._watch = self._engine.feeds.watch(door.client, branch, self.wake)
        self._watched = watched

    async def _unwatch(self) -> None:
        watch, self._watch, self._watched = self._watch, None, None
        if watch is not None:
            await watch.close()

    async def _suffer(self, body: dict[str, Any] | None, error: Exception) -> float:
        """Tell what is wrong, and when to try again."""
        key = f"{self._namespace}/{self._name}"
        if isinstance(error, OperatorError):
            _LOGGER.warning("%s: %s", key, error)
        else:
            _LOGGER.error("%s: internal error", key, exc_info=error)
        secret = ""
        if body is not None and isinstance(error, DeniedError | UntrustedError):
            secret = self._engine.access.forget(parse_training(body))
        story = troubles.tell(error, secret)
        if body is not None:
            training = bare_training(body)
            status = summary.tell_trouble(training, story, now=self._engine.now())
            await self._show_if_possible(training, status)
        self._failures += 1
        if isinstance(error, ConflictError) and self._failures == 1:
            return _FIRST_BACKOFF_SECONDS / 10
        if story.stalled:
            return self._engine.settings.resync_seconds
        return _backoff(self._failures)

    async def _show(self, training: MnistTraining, status: Status) -> None:
        """Write the status, only when it says something new."""
        shown = status.to_json()
        self._shown = training.generation, shown
        if _differs(training.status, shown):
            await self._engine.kube.patch_status(
                training.namespace, training.name, shown
            )

    async def _show_if_possible(self, training: MnistTraining, status: Status) -> None:
        try:
            await self._show(training, status)
        except OperatorError as error:
            _LOGGER.warning("%s: status not written: %s", training.key, error)


def _differs(status: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    return any(status.get(key) != value for key, value in shown.items())


def _backoff(failures: int) -> float:
    """Doubling, with jitter so that a thousand trainings do not knock at once."""
    doubled = _FIRST_BACKOFF_SECONDS * 2.0 ** min(failures - 1, 10)
    seconds = min(doubled, _LAST_BACKOFF_SECONDS)
    return seconds * random.uniform(0.5, 1.0)  # noqa: S311 (not for secrecy)

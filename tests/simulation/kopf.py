"""What kopf does of an operator: events for the hub, a daemon and a finalizer each.

Its events come late, and those of a deaf spell do not come at all; when that ends,
kopf lists anew, and tells of everything once more.
"""

import asyncio

from mnist_operator.hub import FINALIZER

__all__ = ["SimulatedKopf"]

_LISTED = 0.3
"""So many begin with what kopf has listed."""


class SimulatedKopf:
    """Of one process."""

    def __init__(self, process, hub) -> None:
        self._process = process
        self._world = process.world
        self._hub = hub
        self._told = 0.0
        self._daemons = {}
        """By uid: the task, and what tells it to stop."""
        self._tasks = set()

    @property
    def told_until(self):
        """When it will have heard of all that it is still to hear of."""
        return self._told

    def start(self):
        """List, and begin a daemon for each that is there; and go round."""
        self._begin(self._hub.keep_rounds())
        self._begin(self._hub.keep_outputs())
        self._world.tell_all(self)

    def stop(self):
        """The process is dead."""
        for task in self._tasks:
            task.cancel()

    def queue(self, hear, *arguments):
        """Let it hear of something: later, but in the order in which it happened."""
        world = self._world
        process = self._process
        soon = max(world.loop.now + world.delay(), process.stopped_until)
        self._told = max(self._told, soon)
        world.loop.call_at(self._told, hear, *arguments)

    def queue_event(self, hear, *arguments):
        """The same; what happens in a deaf spell it never hears of."""
        if self._process.alive and self._process.deaf_until <= self._world.loop.now:
            self.queue(hear, *arguments)

    def hear_training(self, body, gone=False):
        """A MnistTraining was created, has changed, or is gone."""
        process = self._process
        if not process.alive:
            return
        if process.ignores_until <= self._world.loop.now:
            self._hub.hear(body, gone=gone)
        meta = body["metadata"]
        if gone:
            return
        uid = meta["uid"]
        if "deletionTimestamp" in meta:
            self._end(uid)
        elif uid not in self._daemons:
            stopped = asyncio.Event()
            self._daemons[uid] = stopped
            self._begin(self._follow(body, stopped))
            if FINALIZER not in (meta.get("finalizers") or ()):
                self._begin(self._hold(uid))

    def hear_job(self, body, gone=False):
        """A TFJob of a training has changed."""
        process = self._process
        if process.alive and process.ignores_until <= self._world.loop.now:
            self._hub.hear_job(body, gone=gone)

    def _end(self, uid):
        stopped = self._daemons.get(uid)
        if stopped is None:
            self._begin(self._let_go(uid))  # It was followed by another process.
        else:
            stopped.set()

    async def _follow(self, body, stopped):
        meta = body["metadata"]
        uid, place = meta["uid"], (meta["namespace"], meta["name"])
        # A first look that presumes what was listed, and finds something to do, is
        # repeated: the rest of its life is the same.
        world = self._world
        begins = world.random.random() < _LISTED or world.lists
        listed = body if begins else None
        await self._hub.follow(*place, stopped.wait, uid, listed)
        self._daemons.pop(uid, None)
        if stopped.is_set():
            await self._let_go(uid)

    async def _hold(self, uid):
        """Put our finalizer on it; kopf tries until it can."""
        await self._patch(uid, held=True)

    async def _let_go(self, uid):
        await self._patch(uid, held=False)

    async def _patch(self, uid, *, held):
        world = self._world
        while self._process.alive:
            await asyncio.sleep(world.delay())
            stopped = self._process.stopped_until > world.loop.now
            if stopped or world.down["kubernetes"] > world.loop.now:
                await asyncio.sleep(5)
            elif self._process.alive:
                world.hold_any(uid, held=held)
                return

    def _begin(self, coroutine):
        task = self._world.loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

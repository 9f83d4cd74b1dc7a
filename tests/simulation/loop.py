"""An event loop whose time is made up: it is always when the next thing happens.

It runs the real coroutines of the operator, and nothing else decides their order:
what is ready runs first come, first served, and what waits, by its time. So the same
schedule gives the same story, to the last call.
"""

import asyncio
from collections import deque
from heapq import heappop, heappush

__all__ = ["SimulatedLoop"]


class _Handle:
    """Something that is to be called, once."""

    __slots__ = ("_args", "_callback", "_context", "cancelled_", "when_")

    def __init__(self, callback, args, context, when=0.0) -> None:
        self._callback = callback
        self._args = args
        self._context = context
        self.cancelled_ = False
        self.when_ = when

    def cancel(self):
        self.cancelled_ = True
        self._callback = self._args = self._context = None

    def cancelled(self):
        return self.cancelled_

    def when(self):
        return self.when_

    def run(self):
        if self._context is None:
            self._callback(*self._args)
        else:
            self._context.run(self._callback, *self._args)


class SimulatedLoop(asyncio.AbstractEventLoop):
    """What asyncio needs of a loop: no sockets, no threads, no real time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.troubles = []
        """What asyncio could tell to nobody else: exceptions of callbacks."""
        self.slow_until = 0.0
        """Until when the machine is busy with something else."""
        self.turn_seconds = 0.0
        """How long each turn of the loop takes until then."""
        self._ready = deque()
        self._timers = []
        self._count = 0

    @property
    def waiting(self):
        """How many calls are to come, those that were cancelled included."""
        return len(self._ready) + len(self._timers)

    def time(self):
        return self.now

    def call_soon(self, callback, *args, context=None):
        handle = _Handle(callback, args, context)
        self._ready.append(handle)
        return handle

    def call_later(self, delay, callback, *args, context=None):
        return self.call_at(self.now + delay, callback, *args, context=context)

    def call_at(self, when, callback, *args, context=None):
        handle = _Handle(callback, args, context, when)
        self._count += 1
        heappush(self._timers, (when, self._count, handle))
        return handle

    def create_future(self):
        return asyncio.Future(loop=self)

    def create_task(self, coroutine, *, name=None, context=None):
        return asyncio.Task(coroutine, loop=self, name=name, context=context)

    def get_debug(self):
        return False

    def is_running(self):
        return True

    def is_closed(self):
        return False

    def call_exception_handler(self, context):
        self.troubles.append(context)

    async def shutdown_asyncgens(self):
        """None outlives the coroutine that began it."""

    def run_until(self, when):
        """Let happen all that happens until then, and everything that follows it."""
        self._run(when, None)
        self.now = max(self.now, when)

    def run(self, coroutine, *, seconds=3600.0):
        """Run one coroutine to its end, with all that happens meanwhile."""
        task = self.create_task(coroutine)
        self._run(self.now + seconds, task)
        if not task.done():
            task.cancel()
            raise TimeoutError(f"not done within {seconds} s")
        return task.result()

    def _run(self, until, task):
        asyncio.events._set_running_loop(self)
        try:
            while self._go_slowly(until) and self._go_on(until, task):
                pass
        finally:
            asyncio.events._set_running_loop(None)

    def _go_on(self, until, task):
        """Let happen one thing after the other; False when all is done."""
        ready, timers = self._ready, self._timers
        while True:
            while ready:
                handle = ready.popleft()
                if not handle.cancelled_:
                    handle.run()
            if task is not None and task.done():
                return False
            if not timers or timers[0][0] > until:
                return False
            when, _, handle = heappop(timers)
            if not handle.cancelled_:
                self.now = max(self.now, when)
                handle.run()
            if self.now < self.slow_until:
                return True

    def _go_slowly(self, until):
        """Turn by turn: in each happens what was due by then, and no more.

        Else whatever follows from one thing is over before the next one happens.
        False when the time is over.
        """
        ready, timers = self._ready, self._timers
        while self.now < self.slow_until and self.now <= until:
            if not ready:
                if not timers or timers[0][0] > until:
                    break
                self.now = max(self.now, timers[0][0])
            while timers and timers[0][0] <= self.now:
                ready.append(heappop(timers)[2])
            for _ in range(len(ready)):
                handle = ready.popleft()
                if not handle.cancelled_:
                    handle.run()
            self.now += self.turn_seconds
        return self.now <= until

"""What tells a process that a branch has moved: late, twice, or not for a while.

The real feed looks at the branch itself whenever it stirs, and every ten seconds
besides; so what it knows is late, but true at some moment.
"""

from mnist_operator.commits import CommitState
from mnist_operator.pachyderm import HeadSeen

__all__ = ["SimulatedFeeds"]

_FINAL = frozenset({CommitState.FINISHED, CommitState.ERRORED})
_POLL_SECONDS = 10.0


class SimulatedFeeds:
    """All watches of one process."""

    def __init__(self, process) -> None:
        self.watches = []
        self._process = process

    def watch(self, client, branch, wake, seen=None):
        """Call `wake` when the head of this branch moves or is finished."""
        watch = _Watch(self, branch, wake)
        self.watches.append(watch)
        self.stir(watch)
        return watch

    def moved(self, branch):
        """Something has become of a branch."""
        for watch in self.watches:
            if watch.branch == branch:
                self.stir(watch)

    def stir(self, watch):
        """Let it look at the branch, some time from now."""
        process = self._process
        world = process.world
        delay = world.delay()
        held = max(process.deaf_until, process.stopped_until, world.down["pachd"])
        if held > world.loop.now:
            delay += held - world.loop.now + _POLL_SECONDS * world.random.random()
        world.loop.call_later(delay, self._look, watch)

    def _look(self, watch):
        process = self._process
        world = process.world
        if not process.alive or watch not in self.watches:
            return
        now = world.loop.now
        if max(process.stopped_until, world.down["pachd"]) > now:
            self.stir(watch)
            return
        head = world.pachyderm.head_now(watch.branch)
        final = head if head is not None and head.state in _FINAL else None
        seen = HeadSeen(head.id if head else None, final is not None, final)
        if seen != watch.head:
            watch.head = seen
            watch.wake()
        elif world.random.random() < 0.1:  # Told twice.
            watch.wake()


class _Watch:
    def __init__(self, feeds, branch, wake) -> None:
        self.branch = branch
        self.wake = wake
        self.head = None
        self._feeds = feeds

    @property
    def connected(self):
        return True

    async def close(self):
        if self in self._feeds.watches:
            self._feeds.watches.remove(self)

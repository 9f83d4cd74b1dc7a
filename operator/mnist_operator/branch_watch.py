"""The one branch that wakes a follower: another Secret or address, another watch."""

from collections.abc import Callable

from mnist_operator import places
from mnist_operator.pachyderm import Feeds, HeadSeen, Pachyderm, Watch
from mnist_operator.resource import MnistTraining

__all__ = ["BranchWatch"]


class BranchWatch:
    """What a follower knows of its input branch between two looks."""

    def __init__(self, feeds: Feeds, wake: Callable[[], None]) -> None:
        self._feeds = feeds
        self._wake = wake
        self._watch: Watch | None = None
        self._watched: object = None

    @property
    def head(self) -> HeadSeen | None:
        """What was last seen of the branch; None before the first look at it."""
        return self._watch.head if self._watch else None

    async def follow(self, training: MnistTraining, client: Pachyderm) -> None:
        """Be woken by the training's input branch, as this client sees it."""
        branch = places.input_branch(training)
        watched = (client.connection, branch)
        if watched == self._watched:
            return
        await self.close()
        self._watch = self._feeds.watch(client, branch, self._wake)
        self._watched = watched

    async def close(self) -> None:
        """Be woken no more."""
        watch, self._watch, self._watched = self._watch, None, None
        if watch is not None:
            await watch.close()

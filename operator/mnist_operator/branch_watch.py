"""What a follower knows of its branches between two looks.

The input branch wakes it; another Secret or address means another watch. The output
branch is asked for when somebody comes round.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from mnist_operator import places
from mnist_operator.access import Access
from mnist_operator.commits import Branch
from mnist_operator.errors import OperatorError
from mnist_operator.pachyderm import Feeds, HeadSeen, Pachyderm, Watch
from mnist_operator.readings import Memory
from mnist_operator.resource import MnistTraining, parse_training

__all__ = ["BranchWatch"]


class BranchWatch:
    """The branches of one training."""

    def __init__(self, feeds: Feeds, wake: Callable[[], None]) -> None:
        self._feeds = feeds
        self._wake = wake
        self._watch: Watch | None = None
        self._watched: object = None
        self._output: tuple[Pachyderm, Branch] | None = None
        self.output_head: str | None = None
        """Where the output branch was when the training was recognised."""

    @property
    def head(self) -> HeadSeen | None:
        """What was last seen of the input; None before the first look at it."""
        return self._watch.head if self._watch else None

    async def follow(
        self, training: MnistTraining, client: Pachyderm, seen: HeadSeen | None = None
    ) -> None:
        """Be woken by the training's input branch, as this client sees it.

        `seen`: where that branch is, if it is known.
        """
        self._output = client, places.output_branch(training)
        branch = places.input_branch(training)
        watched = (client.connection, branch)
        if watched == self._watched:
            return
        await self._unwatch()
        self._watch = self._feeds.watch(client, branch, self._wake, seen)
        self._watched = watched

    async def follow_blindly(self, body: Mapping[str, Any], access: Access) -> None:
        """The first look may never come: its feed tells that, and when it could."""
        with suppress(OperatorError):  # The look that comes next says so, too.
            training = parse_training(body)
            door = await access.open(training)
            await self.follow(training, door.client)

    async def finds_other_output(self, memory: Memory) -> bool:
        """Whether the output branch has a head that the last look did not see.

        Raises:
            UpstreamError: It could not be asked for.
        """
        if self._output is None:
            return False
        client, branch = self._output
        head = await client.branch_head_id(branch)
        last = memory.ledger.published
        seen = {memory.output_head, self.output_head, last.output if last else None}
        return head is not None and head not in seen

    async def close(self) -> None:
        """Be woken no more."""
        self._output = None
        await self._unwatch()

    async def _unwatch(self) -> None:
        watch, self._watch, self._watched = self._watch, None, None
        if watch is not None:
            await watch.close()

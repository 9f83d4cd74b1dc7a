"""One subscription for all watched branches of a repo.

A subscription only says *when* to look: it replays the whole history at every
start, misses moved heads, and may be refused. Whatever becomes of it, the looks at
the branches go on, so nothing is missed.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime

from mnist_operator.commits import Branch, Repo
from mnist_operator.errors import OperatorError
from mnist_operator.pachyderm.client import Pachyderm
from mnist_operator.pachyderm.heads import HeadFeed, cancelled
from mnist_operator.pachyderm.pace import Pace

__all__ = ["RepoFeed"]

_logger = logging.getLogger(__name__)


class RepoFeed:
    """A repo: its subscription, and the heads that it nudges."""

    def __init__(
        self,
        client: Pachyderm,
        repo: Repo,
        pace: Pace,
        crowd: Callable[[], int] = lambda: 1,
    ) -> None:
        self.heads: dict[Branch, HeadFeed] = {}
        self._client = client
        self._repo = repo
        self._pace = pace
        self._crowd = crowd
        self._since: datetime | None = None
        self._heard = False
        self._complaint = ""
        self._appeared = asyncio.Event()
        self._subscription = asyncio.create_task(
            self._subscribe(), name=f"subscription {repo}"
        )

    @property
    def connected(self) -> bool:
        """Whether the subscription is open and working."""
        if self._since is None:
            return False
        return self._heard or self._pace.passed(self._since, self._pace.proven_seconds)

    def head(self, branch: Branch) -> HeadFeed:
        """Find the feed of a branch, or begin it."""
        if branch not in self.heads:
            self.heads[branch] = HeadFeed(
                self._client,
                branch,
                self._pace,
                connected=lambda: self.connected,
                appeared=self._appeared.set,
                crowd=self._crowd,
            )
        return self.heads[branch]

    async def close(self) -> None:
        """Stop the subscription and all looks."""
        heads = list(self.heads.values())
        self.heads.clear()
        await cancelled(self._subscription)
        for head in heads:
            await head.close()

    async def _subscribe(self) -> None:
        first, longest = self._pace.reconnect_seconds
        pause = first
        while True:
            began = self._pace.now()
            self._appeared.clear()
            if not await self._listen(began):
                _logger.warning(
                    "%s has more than %d commits: polling it from now on",
                    self._repo,
                    self._pace.replay_limit,
                )
                return
            if self._pace.passed(began, longest):
                pause = first
            # A missing repo refuses the subscription; once a look finds a head,
            # there is no reason to wait.
            await self._pace.wait(self._appeared, pause)
            pause = min(2 * pause, longest)

    async def _listen(self, began: datetime) -> bool:
        """Pass on nudges until the stream ends; False when it costs too much."""
        replayed = 0
        self._since = began
        try:
            async with aclosing(self._client.subscribe(self._repo)) as commits:
                async for commit in commits:
                    self._heard = True
                    replayed += commit.started < began
                    if replayed > self._pace.replay_limit:
                        return False
                    self._nudge(commit.id)
        except OperatorError as error:
            self._complain(str(error))
        finally:
            self._since, self._heard = None, False
            # From here on the looks must come more often.
            self._nudge(None)
        return True

    def _complain(self, text: str) -> None:
        # Once for each trouble: a missing repo is refused every 30 s.
        level = logging.DEBUG if text == self._complaint else logging.INFO
        _logger.log(level, "no subscription to %s: %s", self._repo, text)
        self._complaint = text

    def _nudge(self, commit: str | None) -> None:
        for head in self.heads.values():
            head.nudge(commit)

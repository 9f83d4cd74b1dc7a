"""One subscription for all watched branches of a repo.

A subscription only says *when* to look: it replays the whole history at every
start, misses moved heads, and may be refused. Whatever becomes of it, the looks at
the branches go on, so nothing is missed.
"""

import asyncio
import logging
from collections import deque
from contextlib import aclosing
from datetime import datetime

from mnist_operator.commits import Branch, Commit, Repo
from mnist_operator.errors import OperatorError
from mnist_operator.pachyderm.client import Pachyderm
from mnist_operator.pachyderm.heads import HeadFeed, HeadSeen, cancelled
from mnist_operator.pachyderm.pace import Pace
from mnist_operator.pachyderm.survey import Load, Survey
from mnist_operator.traffic import CALLER, Caller

__all__ = ["RepoFeed"]

_TOLD = 64
"""So many of the last commits that were told of are remembered."""
_logger = logging.getLogger(__name__)


class RepoFeed:
    """A repo: its subscription, and the heads that it nudges."""

    def __init__(
        self,
        client: Pachyderm,
        repo: Repo,
        pace: Pace,
        load: Load,
    ) -> None:
        self.heads: dict[Branch, HeadFeed] = {}
        self.reconnects = 0
        """How often the subscription was begun anew."""
        self._client = client
        self._repo = repo
        self._pace = pace
        self._since: datetime | None = None
        self._newest: datetime | None = None
        """When the newest commit began that the subscription told of; by pachd."""
        self._told: deque[str] = deque(maxlen=_TOLD)
        self._doubted = asyncio.Event()
        self._end = asyncio.timeout(None)
        self._complaint = ""
        self._appeared = asyncio.Event()
        self.survey = Survey(
            client, repo, pace, self.heads, connected=lambda: self.connected, load=load
        )
        self._tasks = (
            asyncio.create_task(self._subscribe(), name=f"subscription {repo}"),
            asyncio.create_task(self._doubt(), name=f"subscription of {repo}"),
            asyncio.create_task(self.survey.keep(), name=f"heads of {repo}"),
        )

    @property
    def connected(self) -> bool:
        """Whether the subscription is open and working."""
        if self._since is None:
            return False
        heard = self._newest is not None
        return heard or self._pace.passed(self._since, self._pace.proven_seconds)

    @property
    def answers(self) -> bool:
        """Whether the subscription works, or the last look at a branch did."""
        seen = [head.seen for head in list(self.heads.values())]
        return self.connected or any(each and not each.failing for each in seen)

    def head(self, branch: Branch, seen: HeadSeen | None = None) -> HeadFeed:
        """Find the feed of a branch, or begin it with what was seen of it."""
        if branch not in self.heads:
            self.heads[branch] = HeadFeed(
                self._client,
                branch,
                self._pace,
                appeared=self._appeared.set,
                puzzled=self.survey.want,
                moved=self._see_moved,
                seen=seen,
            )
            self.survey.count()
        return self.heads[branch]

    async def close(self) -> None:
        """Stop the subscription and all looks."""
        heads = list(self.heads.values())
        self.heads.clear()
        await cancelled(*self._tasks)
        self.survey.leave()
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
            self.reconnects += 1

    async def _listen(self, began: datetime) -> bool:
        """Pass on nudges until the stream ends; False when it costs too much."""
        replayed = 0
        self._since = began
        self.survey.restart()
        stream = self._client.subscribe(self._repo)
        try:
            async with asyncio.timeout(None) as self._end, aclosing(stream) as commits:
                async for commit in commits:
                    self._told.append(commit.id)
                    self._newest = max(commit.started, self._newest or commit.started)
                    is_old = commit.started < began
                    replayed += is_old
                    if replayed > self._pace.replay_limit:
                        return False
                    self._hear(commit, is_old=is_old)
        except OperatorError as error:
            self._complain(str(error))
        except TimeoutError:
            self._complain("it is another repo of that name by now")
        finally:
            self._since = self._newest = None
            # From here on the looks must come more often.
            self.survey.want()
        return True

    def _see_moved(self, head: str | None) -> None:
        """A head has moved to a commit that was told of; or else the repo is another.

        Whoever deletes a repo and makes one of the same name leaves the subscription
        open, which says nothing of the new one.
        """
        if self.connected and head not in self._told:
            self._doubted.set()

    async def _doubt(self) -> None:
        """End the subscription once it is found to be of a repo that is gone."""
        CALLER.set(Caller(f"feed {self._repo}"))
        while True:
            await self._doubted.wait()
            self._doubted.clear()
            try:
                made = await self._client.repo_made(self._repo)
            except OperatorError:
                continue  # The next head that moves asks again.
            newest = self._newest
            is_gone = made is None or newest is None or made > newest
            if is_gone and self.connected and not self._end.expired():
                self._end.reschedule(asyncio.get_running_loop().time())

    def _complain(self, text: str) -> None:
        # Once for each trouble: a missing repo is refused every 30 s.
        level = logging.DEBUG if text == self._complaint else logging.INFO
        _logger.log(level, "no subscription to %s: %s", self._repo, text)
        self._complaint = text

    def _hear(self, commit: Commit, *, is_old: bool) -> None:
        """A commit has begun: look whose head it is, unless that is known."""
        heads = list(self.heads.values())
        if any(head.is_at(commit.id) for head in heads):
            return
        if is_old:
            # Of a replay one look finds all there is. And it may be new all the
            # same, for pachd's clock is another.
            self.survey.want_later()
            return
        moved = [head for head in heads if commit.parent and head.is_at(commit.parent)]
        for head in moved:
            head.nudge(chosen=len(heads) > len(moved))
        if not moved:
            self.survey.want()

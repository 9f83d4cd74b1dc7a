"""From a push to a wake-up, shared by all trainings that read the same repo.

::

    Feeds ── RepoFeed (connection, repo): ONE subscription, however many watch
               ├── Survey: a list of all branches in turn, or a look at each
               └── HeadFeed (branch): the last head seen, looks, waits for finish
                     └── Watch: one wake-up callback

A wake-up says "look again", never what happened: who is woken observes anew.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from mnist_operator.commits import Branch, Repo
from mnist_operator.pachyderm.client import Pachyderm
from mnist_operator.pachyderm.connection import Connection
from mnist_operator.pachyderm.heads import HeadFeed, HeadSeen
from mnist_operator.pachyderm.pace import Pace
from mnist_operator.pachyderm.repo_feed import RepoFeed
from mnist_operator.pachyderm.survey import Load

__all__ = ["Feeds", "HeadSeen", "Watch"]

_Key = tuple[Connection, Repo]
_STANDARD = Pace()


class Watch:
    """One interest in one branch; close it when it ends."""

    def __init__(
        self,
        feeds: "Feeds",
        key: _Key,
        branch: Branch,
        wake: Callable[[], None],
    ) -> None:
        self.branch = branch
        self._feeds = feeds
        self._key = key
        self._wake = wake

    async def __aenter__(self) -> Self:
        """Stay open for the length of a block."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close."""
        await self.close()

    def __call__(self) -> None:
        """Wake the one who watches."""
        self._wake()

    @property
    def head(self) -> HeadSeen | None:
        """What was last seen of the branch; None before the first look."""
        found = self._feeds.find(self._key, self.branch)
        return found.seen if found else None

    @property
    def connected(self) -> bool:
        """Whether a working subscription stands behind this, or polling alone."""
        return self._feeds.connected(self._key)

    async def close(self) -> None:
        """Stop; what nobody else watches stops too. Twice is fine."""
        await self._feeds.drop(self, self._key)


class Feeds:
    """All feeds of one operator."""

    def __init__(
        self,
        *,
        poll_seconds: float = _STANDARD.poll_seconds,
        fallback_poll_seconds: float = _STANDARD.fallback_poll_seconds,
        replay_limit: int = _STANDARD.replay_limit,
        reconnect_seconds: tuple[float, float] = _STANDARD.reconnect_seconds,
        finish_seconds: float = _STANDARD.finish_seconds,
        now: Callable[[], datetime] = _STANDARD.now,
        sleep: Callable[[float], Awaitable[None]] = _STANDARD.sleep,
    ) -> None:
        self._pace = Pace(
            poll_seconds=poll_seconds,
            fallback_poll_seconds=fallback_poll_seconds,
            replay_limit=replay_limit,
            reconnect_seconds=reconnect_seconds,
            finish_seconds=finish_seconds,
            now=now,
            sleep=sleep,
        )
        self._repos: dict[_Key, RepoFeed] = {}
        self._load = Load()
        self._former: dict[Repo, int] = {}
        """Reconnects for others of a repo's connections that are given up."""

    def __len__(self) -> int:
        """How many subscriptions are kept."""
        return len(self._repos)

    def watch(
        self,
        client: Pachyderm,
        branch: Branch,
        wake: Callable[[], None],
        seen: HeadSeen | None = None,
    ) -> Watch:
        """Call ``wake`` whenever the branch's head moves, finishes or vanishes.

        The first look at a branch that nobody watched yet wakes, too, when there
        is a head: it may have come after the caller looked. One whose head was
        ``seen`` a moment ago is only looked at in its turn, or when its repo stirs.
        """
        key = (client.connection, branch.repo)
        if key not in self._repos:
            self._repos[key] = RepoFeed(client, branch.repo, self._pace, self._load)
        watch = Watch(self, key, branch, wake)
        self._repos[key].head(branch, seen).wakes.append(watch)
        return watch

    def find(self, key: _Key, branch: Branch) -> HeadFeed | None:
        """Find the feed of a branch."""
        repo = self._repos.get(key)
        return repo.heads.get(branch) if repo else None

    def connected(self, key: _Key) -> bool:
        """Tell whether the subscription of a repo works."""
        repo = self._repos.get(key)
        return repo is not None and repo.connected

    def standing(self) -> dict[Repo, tuple[bool, int]]:
        """For each repo: whether it answers, and how often it was subscribed anew.

        Where several connections lead to one, whether it answers to all of them. Any
        thread may ask.
        """
        found: dict[Repo, tuple[bool, int]] = {}
        for (_, repo), feed in list(self._repos.items()):
            works, again = found.get(repo, (True, self._former.get(repo, 0)))
            found[repo] = works and feed.answers, again + feed.reconnects
        return found

    async def drop(self, watch: Watch, key: _Key) -> None:
        """End a watch, and what served it alone."""
        repo, head = self._repos.get(key), self.find(key, watch.branch)
        if repo is None or head is None or watch not in head.wakes:
            return
        head.wakes.remove(watch)
        if head.wakes:
            return
        del repo.heads[watch.branch]
        if not repo.heads:
            del self._repos[key]
            self._keep_count(key[1], repo.reconnects)
            await repo.close()
        await head.close()

    def _keep_count(self, repo: Repo, reconnects: int) -> None:
        """As long as others follow it, for a counter never goes down."""
        former = self._former.pop(repo, 0)
        if any(repo == other for _, other in self._repos):
            self._former[repo] = former + reconnects

    async def close(self) -> None:
        """End every feed and wait until its tasks are gone."""
        repos = list(self._repos.values())
        self._repos.clear()
        for repo in repos:
            await repo.close()

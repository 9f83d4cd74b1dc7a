"""SubscribeCommit and waiting for a commit, with the traps of the real ones."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from itertools import takewhile

from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb

from local_cluster.pachd.errors import commit_deleted, panic
from local_cluster.pachd.records import Commit, CommitKey, Repo, RepoKey
from local_cluster.pachd.world import World

__all__ = ["Subscription", "origin_filter", "subscribe", "wait_for"]


def origin_filter(kind: int, *, everything: bool) -> Callable[[Commit], bool]:
    """Return which commits a listing or a subscription shows."""

    def shown(commit: Commit) -> bool:
        return everything or kind in (0, commit.origin)

    return shown


async def wait_for(world: World, key: CommitKey, state: int) -> Commit:
    """Return a commit once it has reached a state, or refuse when it is removed."""
    world.store.commit(key)

    def look() -> bool:
        repo = world.store.repos.get(key.repo)
        if repo is None or key.id not in repo.commits:
            raise commit_deleted(key)
        return _reached(world, repo.commits[key.id], state)

    # Commits of other repos decide over whether one is ready.
    await world.store.until(look, None if state == pb.READY else key.repo)
    return world.store.commit(key)


def _reached(world: World, commit: Commit, state: int) -> bool:
    if state == pb.FINISHED:
        return commit.finished is not None
    if state == pb.FINISHING:
        return commit.finishing is not None
    if state == pb.READY:
        sources = (world.store.commit(key) for key in commit.provenance)
        return all(source.finished is not None for source in sources)
    return True


@dataclass(frozen=True, slots=True)
class Subscription:
    """Which commits a subscriber asked for."""

    repo: RepoKey
    branch: str
    left_out: str
    state: int
    shown: Callable[[Commit], bool]

    def wants(self, commit: Commit) -> bool:
        """Tell whether a commit is to be delivered."""
        if self.branch and commit.branch is None:
            # A real pachd follows the branch of each commit it meets, whosever it
            # is, and falls over those whose branch was deleted.
            raise panic()
        if self.branch and commit.branch != self.branch:
            return False
        return commit.key.id != self.left_out and self.shown(commit)


async def subscribe(world: World, subscription: Subscription) -> AsyncIterator[Commit]:
    """Yield all commits from the first one on, then new ones, one after another.

    `left_out` is no cursor: whatever was delivered before comes again. A commit
    that has not reached the state keeps back all that were made after it. One whose
    repo was deleted says nothing any more, also of another repo of the same name.
    """
    repo, seen = world.store.repo(subscription.repo), 0
    while True:
        for commit in _made_after(world, repo, seen):
            seen = commit.order
            await asyncio.sleep(world.commit_cost_seconds)
            if subscription.wants(commit):
                yield await wait_for(world, commit.key, subscription.state)
        await _news(world, repo, seen)


async def _news(world: World, repo: Repo, order: int) -> None:
    await world.store.until(lambda: bool(_made_after(world, repo, order)), repo.key)


def _made_after(world: World, repo: Repo, order: int) -> list[Commit]:
    """Return the commits that are newer, without a walk through all the others."""
    now = world.store.repos.get(repo.key)
    if now is None or now.created != repo.created:
        return []
    newest_first = reversed(now.commits.values())
    return list(takewhile(lambda commit: commit.order > order, newest_first))[::-1]

"""SubscribeCommit and waiting for a commit, with the traps of the real ones."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb

from local_cluster.pachd.errors import PfsError, panic
from local_cluster.pachd.records import Commit, CommitKey, RepoKey
from local_cluster.pachd.world import World

__all__ = ["Subscription", "origin_filter", "subscribe", "wait_for"]


def origin_filter(kind: int, *, everything: bool) -> Callable[[Commit], bool]:
    """Return which commits a listing or a subscription shows."""

    def shown(commit: Commit) -> bool:
        return everything or kind in (0, commit.origin)

    return shown


async def wait_for(world: World, key: CommitKey, state: int) -> Commit:
    """Return a commit once it has reached a state."""
    await world.store.until(lambda: _reached(world, world.store.commit(key), state))
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
    that has not reached the state keeps back all that were made after it.
    """
    seen = 0
    while True:
        for commit in _made_after(world, subscription.repo, seen):
            seen = commit.order
            await asyncio.sleep(world.commit_cost_seconds)
            if subscription.wants(commit):
                try:
                    yield await wait_for(world, commit.key, subscription.state)
                except PfsError:
                    continue  # It was removed while it was waited for.
        await world.store.until(
            lambda after=seen: bool(  # type: ignore[misc]
                _made_after(world, subscription.repo, after)
            )
        )


def _made_after(world: World, repo: RepoKey, order: int) -> list[Commit]:
    commits = world.store.repo(repo).commits.values()
    fresh = [commit for commit in commits if commit.order > order]
    return sorted(fresh, key=lambda commit: commit.order)

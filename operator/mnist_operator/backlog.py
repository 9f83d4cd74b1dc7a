"""The undecided commits of a branch, oldest first, remembered between two looks.

Listing a commit costs pachd about 10 ms, so nothing is listed twice: a new head is
walked down only to what is known already, and a head whose parent is known costs
no listing at all.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from mnist_operator.commits import Branch, Commit, CommitState, Repo
from mnist_operator.ledger import Bound, Ledger
from mnist_operator.pachyderm import Pachyderm

__all__ = ["Backlog"]

_FINAL = frozenset({CommitState.FINISHED, CommitState.ERRORED})


class Backlog:
    """What waits on one branch."""

    def __init__(self) -> None:
        self._commits: list[Commit] = []
        self._head = ""
        self._start: object = None
        self._ledger: Ledger | None = None
        self._unfinished = False
        """Whether one of them was not final when it was last looked at."""

    @property
    def commits(self) -> Sequence[Commit]:
        """Oldest first; up to date as far as `look` says."""
        return self._commits

    async def look(
        self,
        client: Pachyderm,
        branch: Branch,
        head: Commit | None,
        ledger: Ledger,
        *,
        window: int = 1,
    ) -> str:
        """Bring it up to date with the branch and the ledger.

        Read again are the first `window` commits, and all that were not final:
        those are what decisions rest on.

        Returns:
            The ID of the oldest commit when it is gone (squashed or dropped).
        """
        if ledger.start != self._start:
            self._commits, self._head, self._start = [], "", ledger.start
            self._ledger = None
        if head is None:
            self._commits, self._head = [], ""
            return ""
        if head.id != self._head or ledger is not self._ledger:
            if head.id != self._head:
                self._commits = await self._walk(client, branch, head, ledger)
                self._head = head.id
            self._commits = [c for c in self._commits if ledger.is_open(c.id)]
            self._ledger, self._unfinished = ledger, True
        return await self._refresh(client, head, window)

    async def _walk(
        self, client: Pachyderm, branch: Branch, head: Commit, ledger: Ledger
    ) -> list[Commit]:
        """From the new head down to a commit that is known, or to the bound."""
        known = self._known()
        bound = ledger.bound(head, is_head=True)
        fresh = [head] if bound in {Bound.TAKE, Bound.TAKE_AND_STOP} else []
        if bound in {Bound.STOP, Bound.TAKE_AND_STOP} or head.parent is None:
            return fresh
        if head.parent in known:
            return [*self._commits[: known[head.parent] + 1], *fresh]
        if head.parent in ledger.settled:
            return fresh
        return await self._list(client, branch, head, ledger, fresh)

    async def _list(
        self,
        client: Pachyderm,
        branch: Branch,
        head: Commit,
        ledger: Ledger,
        fresh: list[Commit],
    ) -> list[Commit]:
        """List parents, newest first; pachd stops at the last head that we know."""
        known = self._known()
        until = self._head or _newest_settled(ledger)
        lowest = head
        async for commit in _below(client, branch.repo, head, until or None):
            lowest = commit
            if commit.id == head.id:
                continue  # It has another parent than was known.
            if commit.id in known:
                break
            bound = ledger.bound(commit, is_head=False)
            if bound in {Bound.TAKE, Bound.TAKE_AND_STOP}:
                fresh.append(commit)
            if bound in {Bound.STOP, Bound.TAKE_AND_STOP}:
                return fresh[::-1]
        # The walk met a known commit, or ended just above one, or at the root.
        met = lowest.id if lowest.id in known else lowest.parent
        below = self._commits[: known[met] + 1] if met in known else []
        return [*below, *reversed(fresh)]

    def _known(self) -> dict[str, int]:
        """The place of each known commit.

        The last head, which may be decided already, is above all that wait.
        """
        places = {commit.id: place for place, commit in enumerate(self._commits)}
        return {self._head: len(self._commits) - 1} | places

    async def _refresh(self, client: Pachyderm, head: Commit, window: int) -> str:
        commits = self._commits
        if not commits:
            return ""
        if commits[-1].id == head.id:
            commits[-1] = head
        places = [p for p in self._stale(window) if commits[p].id != head.id]
        found = await asyncio.gather(
            *(client.commit(commits[place].repo, commits[place].id) for place in places)
        )
        gone = ""
        for place, commit in zip(places, found, strict=True):
            if commit is None and place == 0:
                gone = commits[place].id
            commits[place] = commit or _unusable(commits[place])
        if self._unfinished:
            self._unfinished = any(each.state not in _FINAL for each in commits)
        return gone

    def _stale(self, window: int) -> list[int]:
        """Places of what may have changed: who is next, and who was not final."""
        next_ones = range(min(window, len(self._commits)))
        if not self._unfinished:  # Of 20,000 that wait, few are looked at.
            return list(next_ones)
        unfinished = (
            place
            for place, commit in enumerate(self._commits)
            if commit.state not in _FINAL
        )
        return sorted({*next_ones, *unfinished})


async def _below(
    client: Pachyderm, repo: Repo, head: Commit, until: str | None
) -> AsyncIterator[Commit]:
    """The ancestors of a head, newest first.

    A client reads a finished head once, and its parent may have been squashed since:
    from what is gone no way leads on. So then the walk begins at the head itself, as
    it is now.
    """
    is_there = False
    async for commit in client.history(repo, head.parent or "", until=until):
        is_there = True
        yield commit
    if not is_there:
        async for commit in client.history(repo, head.id, until=until):
            yield commit


def _unusable(commit: Commit) -> Commit:
    """One that was squashed or dropped: recorded as gone when its turn comes."""
    ended = commit.finished or commit.started
    return replace(commit, finished=ended, error="It was squashed or dropped.")


def _newest_settled(ledger: Ledger) -> str:
    """A commit below which nothing is open; empty when there is none."""
    newest = ledger.recent[0].commit if ledger.recent else ""
    return newest if newest in ledger.settled else ""

"""The undecided commits of a branch, oldest first, remembered between two looks.

Listing a commit costs pachd about 10 ms, so nothing is listed twice: a new head is
walked down only to what is known already, and a head whose parent is known costs
no listing at all.
"""

from collections.abc import Sequence

from mnist_operator.commits import Branch, Commit, CommitState
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

    @property
    def commits(self) -> Sequence[Commit]:
        """Oldest first; only the first and the head are sure to be up to date."""
        return self._commits

    async def look(
        self, client: Pachyderm, branch: Branch, head: Commit | None, ledger: Ledger
    ) -> str:
        """Bring it up to date with the branch and the ledger.

        Returns:
            The ID of the oldest commit when it is gone (squashed or dropped).
        """
        if ledger.start != self._start:
            self._commits, self._head, self._start = [], "", ledger.start
        if head is None:
            self._commits, self._head = [], ""
            return ""
        if head.id != self._head:
            self._commits = await self._walk(client, branch, head, ledger)
            self._head = head.id
        self._commits = [c for c in self._commits if c.id not in ledger.decided]
        return await self._refresh(client, head)

    async def _walk(
        self, client: Pachyderm, branch: Branch, head: Commit, ledger: Ledger
    ) -> list[Commit]:
        """From the new head down to a commit that is known, or to the bound."""
        known = {commit.id: place for place, commit in enumerate(self._commits)}
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
        known = {commit.id: place for place, commit in enumerate(self._commits)}
        until = self._head or _newest_settled(ledger)
        lowest = head
        async for commit in client.history(
            branch.repo, head.parent or "", until=until or None
        ):
            lowest = commit
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

    async def _refresh(self, client: Pachyderm, head: Commit) -> str:
        """Read the first and the head again: those are what decisions rest on."""
        if not self._commits:
            return ""
        if self._commits[-1].id == head.id:
            self._commits[-1] = head
        first = self._commits[0]
        if first.id == head.id:
            return ""
        found = await client.commit(first.repo, first.id)
        if found is None:
            return first.id
        self._commits[0] = found
        return ""


def _newest_settled(ledger: Ledger) -> str:
    """A commit below which nothing is open; empty when there is none."""
    newest = ledger.recent[0].commit if ledger.recent else ""
    return newest if newest in ledger.settled else ""

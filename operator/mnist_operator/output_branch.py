"""The output branch, where spec.output.provenance is Native: what its readers see.

It is moved to what was finished on staged, and to nothing else. pachd knows no
compare-and-swap, and a call may arrive late, from an operator that stood still or is
dead by now. So what is moved to is never named by its ID:

- forward by naming staged, whose head is the newest by then;
- back by ending and dropping what has no model: pachd lets only one of two operators
  end a commit, and moves the branches itself whose head is dropped.
"""

import asyncio

from mnist_operator.commits import Branch, Commit, CommitState
from mnist_operator.errors import ConflictError
from mnist_operator.outlet import give_up, has_nothing, is_shown, move_to_head
from mnist_operator.pachyderm import Pachyderm

__all__ = ["OutputBranch"]

_MOVES = 2
"""So often it is moved: a late call may turn staged back just before."""
_STALE_SECONDS = 10.0
"""A look at the output branch that is older than this says nothing of it any more."""


class OutputBranch:
    """Moves it, together with staged, so that no model is taken from it again."""

    def __init__(self, client: Pachyderm, branch: Branch, staged: Branch) -> None:
        self._client = client
        self._branch = branch
        self._staged = staged

    async def show(self, commit: Commit) -> None:
        """Move it to a finished commit, or leave it where that is shown already.

        Raises:
            ConflictError: Somebody else has moved it, or staged; the next look tells.
        """
        clock = asyncio.get_running_loop()
        looked = clock.time()
        shown = await self._client.branch_head_id(self._branch)
        if shown == commit.id:
            return
        if shown is not None and shown != commit.parent:
            await self._expect(commit, shown, self._branch)
            return
        if not await self._is_named(commit):
            # Perhaps because another operator has shown it, and gone on from there.
            shown = await self._client.branch_head_id(self._branch)
            await self._expect(commit, shown, self._staged)
            return
        if clock.time() - looked > _STALE_SECONDS:
            detail = f"the look at {self._branch} took too long; once more"
            raise ConflictError("pachd", "CreateBranch", detail)
        await self._move(commit)

    async def _move(self, commit: Commit) -> None:
        """Move it, and again where a late call turned staged back just before."""
        for _ in range(_MOVES):
            await move_to_head(self._client, self._branch, self._staged, commit.id)
            if await self._sees(commit):
                return
            staged = await self._client.head(self._staged)
            if not await self._brings_back(staged, commit):
                break
        detail = f"{self._branch} does not show {commit.id}; once more"
        raise ConflictError("pachd", "CreateBranch", detail)

    async def _expect(self, commit: Commit, shown: str | None, moved: Branch) -> None:
        """That another operator was faster, and readers see it, or what is newer."""
        if shown is None or not await is_shown(self._client, shown, commit):
            detail = f"{moved} moved while {commit.id} was written; once more"
            raise ConflictError("pachd", "CreateBranch", detail)

    async def _is_named(self, commit: Commit) -> bool:
        """Whether staged names it, at last."""
        staged = await self._client.head(self._staged)
        if await self._brings_back(staged, commit):
            staged = await self._client.head(self._staged)
        return staged is not None and staged.id == commit.id

    async def _brings_back(self, staged: Commit | None, commit: Commit) -> bool:
        """Whether staged was elsewhere, and where nobody has gone on from ours.

        There a call of an operator that is dead has moved it, or what was given up on
        top of ours could not be dropped.
        """
        if staged is None or not await self._is_idle(staged, commit):
            return False
        await self._client.create_branch(self._staged, commit.id)
        return True

    async def _is_idle(self, staged: Commit, commit: Commit) -> bool:
        """Whether staged stands below ours, or on what came to nothing above it."""
        if commit.id in (staged.id, staged.parent):
            return staged.id != commit.id and staged.state is CommitState.ERRORED
        return await is_shown(self._client, commit.id, staged)

    async def _sees(self, commit: Commit) -> bool:
        """The head of staged was named, and may have been another one by then.

        But where that is a model, another operator has gone on since: it stays.
        """
        shown = await self._client.head(self._branch)
        if shown is not None and _is_bare_next(shown, commit):
            await self.take_back(shown)
            shown = await self._client.head(self._branch)
        return shown is not None and await is_shown(self._client, shown.id, commit)

    async def take_back(self, shown: Commit) -> None:
        """Take from it what was opened on staged, unless that is a model by now."""
        await give_up(self._client, shown, "abandoned by a later run")
        if not shown.provenance or shown.parent is None:
            return
        if await self._shows_nothing(shown):
            # It may not be dropped, which needs a right on the cluster.
            await self._client.create_branch(self._staged, shown.parent)
            if await self._shows_nothing(shown):
                await move_to_head(
                    self._client, self._branch, self._staged, shown.parent
                )

    async def _shows_nothing(self, shown: Commit) -> bool:
        """Whether a commit is still shown, and nobody has made a model of it."""
        head = await self._client.head(self._branch)
        return head is not None and head.id == shown.id and has_nothing(head)


def _is_bare_next(shown: Commit, commit: Commit) -> bool:
    """Whether pachd opened it on top of ours, and it has no model yet, or none at all.

    A stranger's commit has no provenance, and stays.
    """
    is_next = bool(shown.provenance) and shown.parent == commit.id
    return is_next and has_nothing(shown)

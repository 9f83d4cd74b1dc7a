"""Repos and branches: what is there, and where a branch points."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from mnist_operator.commits import Branch, Repo
from mnist_operator.errors import ConflictError, NotFoundError, TooLargeError
from mnist_operator.pachyderm import proto, wire
from mnist_operator.pachyderm.channel import Calls
from mnist_operator.pachyderm.stubs import pfs_pb2
from mnist_operator.pachyderm.wire import BranchFacts

__all__ = ["BranchSeen", "Branches"]

_BRANCHES_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class BranchSeen:
    """One branch of a list: where it points, and which ones descend from it."""

    branch: Branch
    head: str | None
    subvenance: tuple[Branch, ...] = ()
    """Branches, also of other repos, whose commits pachd makes from its commits."""


def _seen(answer: bytes) -> BranchSeen:
    info = pfs_pb2.BranchInfo.FromString(answer)
    return BranchSeen(
        wire.branch_value(info.branch),
        info.head.id or None,
        tuple(map(wire.branch_value, info.subvenance)),
    )


class Branches:
    """Repos and branches of one pachd."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def repo_exists(self, repo: Repo) -> bool:
        """Tell whether the repo is there."""
        return await self.repo_made(repo) is not None

    async def repo_made(self, repo: Repo) -> datetime | None:
        """When the repo was made, by pachd's clock; None where it is missing."""
        request = pfs_pb2.InspectRepoRequest(repo=wire.repo_message(repo))
        try:
            found = await self._calls.unary("InspectRepo", request)
        except NotFoundError:
            return None
        return wire.moment(found.created)

    async def create_repo(self, repo: Repo, description: str = "") -> None:
        """Make the repo; one that is there is left as it is."""
        request = pfs_pb2.CreateRepoRequest(
            repo=wire.repo_message(repo), description=description
        )
        try:
            await self._calls.unary("CreateRepo", request)
        except ConflictError:
            return

    async def branch_exists(self, branch: Branch) -> bool:
        """Tell whether the branch is there, with a head or without."""
        try:
            await self._inspect(branch)
        except NotFoundError:
            return False
        return True

    async def branch_head_id(self, branch: Branch) -> str | None:
        """Name the head: one cheap call, about 5 ms.

        None where the repo or the branch is missing, or has no commit yet.
        """
        try:
            return (await self._inspect(branch)).head
        except NotFoundError:
            return None

    async def branch_heads(self, repo: Repo) -> dict[str, BranchFacts]:
        """What `branch_head_id` would say of each branch of a repo, by its name.

        Raises:
            NotFoundError: There is no such repo.
            TooLargeError: There are too many.
        """
        question = proto.part(1, wire.repo_bytes(repo))
        listed = self._calls.ask_for_all("ListBranch", question, wire.branch_facts)
        found: dict[str, BranchFacts] = {}
        async with aclosing(listed) as answers:
            async for each in answers:
                found[each.name] = each
                if len(found) > _BRANCHES_LIMIT:
                    detail = f"more than {_BRANCHES_LIMIT} branches in {repo}"
                    raise TooLargeError("pachd", "ListBranch", detail)
        return found

    async def branches(
        self, repo: Repo, *, limit: int = _BRANCHES_LIMIT
    ) -> list[BranchSeen]:
        """All branches of a repo, in one call; none where the repo is missing.

        Raises:
            TooLargeError: There are more than ``limit``.
        """
        question = proto.part(1, wire.repo_bytes(repo))
        listed = self._calls.ask_for_all("ListBranch", question, _seen)
        found: list[BranchSeen] = []
        try:
            async with aclosing(listed) as answers:
                async for each in answers:
                    found.append(each)
                    if len(found) > limit:
                        detail = f"more than {limit} branches in {repo}"
                        raise TooLargeError("pachd", "ListBranch", detail)
        except NotFoundError:
            return []
        return found

    async def create_branch(
        self,
        branch: Branch,
        head: str | Branch | None = None,
        *,
        provenance: Sequence[Branch] = (),
    ) -> None:
        """Make the branch, or move it to ``head``, without any compare-and-swap.

        A branch as ``head`` is its head at that moment. What the branch was declared
        to descend from is replaced by ``provenance``; with some, pachd opens a commit
        on top of the head, made of the heads of those branches.
        """
        request = pfs_pb2.CreateBranchRequest(
            branch=wire.branch_message(branch),
            provenance=map(wire.branch_message, provenance),
        )
        if isinstance(head, Branch):
            request.head.CopyFrom(wire.branch_head(head))
        elif head is not None:
            request.head.CopyFrom(wire.commit_message(branch.repo, head))
        await self._calls.unary("CreateBranch", request)

    async def descends_from(self, branch: Branch) -> list[Branch]:
        """What the branch is declared to descend from; nothing where it is missing."""
        try:
            return list((await self._inspect(branch)).sources)
        except NotFoundError:
            return []

    async def _inspect(self, branch: Branch) -> BranchFacts:
        question = wire.branch_question(branch)
        return await self._calls.ask("InspectBranch", question, wire.branch_facts)

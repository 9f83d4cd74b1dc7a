"""Repos and branches: what is there, and where a branch points."""

from python_pachyderm.proto.v2.pfs import pfs_pb2

from mnist_operator.commits import Branch, Repo
from mnist_operator.errors import ConflictError, NotFoundError
from mnist_operator.pachyderm import wire
from mnist_operator.pachyderm.channel import Calls

__all__ = ["Branches"]


class Branches:
    """Repos and branches of one pachd."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def repo_exists(self, repo: Repo) -> bool:
        """Tell whether the repo is there."""
        request = pfs_pb2.InspectRepoRequest(repo=wire.repo_message(repo))
        try:
            await self._calls.unary("InspectRepo", request)
        except NotFoundError:
            return False
        return True

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
            return await self._inspect(branch)
        except NotFoundError:
            return None

    async def create_branch(self, branch: Branch, head: str | None = None) -> None:
        """Make the branch, or move it to ``head``, without any compare-and-swap."""
        request = pfs_pb2.CreateBranchRequest(branch=wire.branch_message(branch))
        if head is not None:
            request.head.CopyFrom(wire.commit_message(branch.repo, head))
        await self._calls.unary("CreateBranch", request)

    async def _inspect(self, branch: Branch) -> str | None:
        request = pfs_pb2.InspectBranchRequest(branch=wire.branch_message(branch))
        info = await self._calls.unary("InspectBranch", request)
        return info.head.id or None

"""The PFS service: its calls about repos and branches, and all the others."""

from collections.abc import AsyncIterator
from typing import Any

from google.protobuf.empty_pb2 import Empty
from python_pachyderm.proto.v2.pfs import pfs_pb2_grpc

from local_cluster.pachd.branches import new_id
from local_cluster.pachd.commit_calls import CommitCalls
from local_cluster.pachd.errors import PfsError
from local_cluster.pachd.file_calls import FileCalls
from local_cluster.pachd.messages import (
    branch_info,
    branch_key,
    repo_key,
)
from local_cluster.pachd.records import Branch
from local_cluster.pachd.repos import create_repo, delete_repo, repo_info
from local_cluster.pachd.triggers import trigger_of

__all__ = ["PfsService"]


class PfsService(CommitCalls, FileCalls, pfs_pb2_grpc.APIServicer):  # type: ignore[misc]
    """pachd's PFS service. Calls that no client of this project makes are missing."""

    # -- repos -------------------------------------------------------------

    async def CreateRepo(self, request: Any, _: Any) -> Any:
        """Make a repo."""
        key = repo_key(request.repo)
        create_repo(
            self.world, key, description=request.description, update=request.update
        )
        return Empty()

    async def InspectRepo(self, request: Any, _: Any) -> Any:
        """Tell about one repo."""
        return repo_info(self.world, self.world.store.repo(repo_key(request.repo)))

    async def ListRepo(self, request: Any, _: Any) -> AsyncIterator[Any]:
        """Tell about all repos, the newest first."""
        projects = {project.name for project in request.projects}
        repos = sorted(self.world.store.repos.values(), key=lambda each: -each.created)
        for repo in repos:
            if not projects or repo.key.project in projects:
                yield repo_info(self.world, repo)

    async def DeleteRepo(self, request: Any, _: Any) -> Any:
        """Delete a repo with all in it."""
        delete_repo(self.world, repo_key(request.repo), force=request.force)
        return Empty()

    # -- branches ----------------------------------------------------------

    async def CreateBranch(self, request: Any, _: Any) -> Any:
        """Make or move a branch."""
        key = branch_key(request.branch)
        self.authorized(key.repo)
        head = self.find(request.head) if request.HasField("head") else None
        provenance = [branch_key(source) for source in request.provenance]
        trigger = trigger_of(request)
        with self.world.store.transaction():
            self.world.branches.create(
                key, head=head, provenance=provenance, transaction=new_id()
            )
            if trigger is not None:
                self.world.triggers.set(key, trigger)
        return Empty()

    async def InspectBranch(self, request: Any, _: Any) -> Any:
        """Tell about one branch."""
        try:
            branch = self.world.store.branch(branch_key(request.branch))
        except PfsError as refusal:
            raise refusal.within("inspect branch in transaction") from None
        return self._branch_info(branch)

    async def ListBranch(self, request: Any, _: Any) -> AsyncIterator[Any]:
        """Tell about all branches of a repo, the newest first."""
        key = self.authorized(repo_key(request.repo))
        branches = self.world.store.repo(key).branches.values()
        ordered = sorted(branches, key=lambda branch: branch.order)
        for branch in ordered if request.reverse else ordered[::-1]:
            yield self._branch_info(branch)

    async def DeleteBranch(self, request: Any, _: Any) -> Any:
        """Delete a branch; its commits stay."""
        with self.world.store.transaction():
            self.world.branches.delete(branch_key(request.branch), force=request.force)
        return Empty()

    def _branch_info(self, branch: Branch) -> Any:
        provenance = self.world.branches.provenance(branch)
        subvenance = self.world.branches.subvenance(branch.key)
        return branch_info(branch, provenance, subvenance)

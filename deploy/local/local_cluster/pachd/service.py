"""The PFS calls about repos, branches and commits: requests in, messages out."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

from google.protobuf.empty_pb2 import Empty
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb
from python_pachyderm.proto.v2.pfs import pfs_pb2_grpc

from local_cluster.pachd.branches import new_id
from local_cluster.pachd.errors import PfsError, repo_missing
from local_cluster.pachd.file_calls import FileCalls
from local_cluster.pachd.messages import (
    branch_info,
    branch_key,
    commit_info,
    commit_message,
    commit_name,
    repo_key,
)
from local_cluster.pachd.records import Branch, Commit
from local_cluster.pachd.repos import create_repo, delete_repo, repo_info
from local_cluster.pachd.subscriptions import (
    Subscription,
    origin_filter,
    subscribe,
    wait_for,
)

__all__ = ["PfsService"]


class PfsService(FileCalls, pfs_pb2_grpc.APIServicer):  # type: ignore[misc]
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
        head = self._find(request.head) if request.HasField("head") else None
        provenance = [branch_key(source) for source in request.provenance]
        with self.world.store.transaction():
            self.world.branches.create(
                key, head=head, provenance=provenance, transaction=new_id()
            )
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
        branches = self.world.store.repo(repo_key(request.repo)).branches.values()
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

    # -- commits -----------------------------------------------------------

    async def StartCommit(self, request: Any, _: Any) -> Any:
        """Open a commit."""
        parent = self._find(request.parent) if request.HasField("parent") else None
        with self.world.store.transaction():
            commit = self.world.commits.start(
                branch_key(request.branch),
                parent=parent,
                description=request.description,
            )
        return commit_message(commit.key)

    async def FinishCommit(self, request: Any, _: Any) -> Any:
        """Close a commit; it finishes some time later."""
        commit = self._find(request.commit)
        with self.world.store.transaction():
            self.world.commits.finish(
                commit, description=request.description, error=request.error
            )
        return Empty()

    async def ClearCommit(self, request: Any, _: Any) -> Any:
        """Take back all that was written to an open commit."""
        commit = self._find(request.commit)
        with self.world.store.transaction():
            self.world.commits.clear(commit)
        return Empty()

    async def InspectCommit(self, request: Any, _: Any) -> Any:
        """Tell about one commit, at once or when it has reached a state."""
        commit = self._inspected(request.commit)
        if request.wait:
            commit = await wait_for(self.world, commit.key, request.wait)
        return commit_info(self.world.store, commit)

    async def ListCommit(self, request: Any, _: Any) -> AsyncIterator[Any]:
        """Tell about commits, the newest first, each at its price."""
        shown = origin_filter(request.origin_kind, everything=request.all)
        left = request.number or -1
        for commit in self._listing(request):
            await asyncio.sleep(self.world.commit_cost_seconds)
            if left and shown(commit):
                left -= 1
                yield commit_info(self.world.store, commit, listed=True)
            if not left:
                return

    def _listing(self, request: Any) -> Iterable[Commit]:
        start = commit_name(request.to)[1] if request.HasField("to") else ""
        stop = ""
        if request.HasField("from"):
            stop = commit_name(getattr(request, "from"))[1]
        try:
            return self.world.commits.listing(
                repo_key(request.repo), start=start, stop=stop, reverse=request.reverse
            )
        except PfsError as refusal:
            raise _while_inspecting(refusal) from None

    async def SubscribeCommit(self, request: Any, _: Any) -> AsyncIterator[Any]:
        """Tell about all commits, old ones and those to come."""
        key = repo_key(request.repo)
        if key not in self.world.store.repos:
            named = f"project={key.project}, name={key.name}, type=user"
            missing = repo_missing(key).code
            raise PfsError(missing, f"get repo ID: repo (id=0, {named}) not found")
        subscription = Subscription(
            repo=key,
            branch=request.branch,
            left_out=getattr(request, "from").id,
            state=request.state,
            shown=origin_filter(request.origin_kind, everything=request.all),
        )
        async for commit in subscribe(self.world, subscription):
            yield commit_info(self.world.store, commit)

    # -- commit sets -------------------------------------------------------

    async def InspectCommitSet(self, request: Any, _: Any) -> AsyncIterator[Any]:
        """Tell about all commits of one set."""
        for commit in self.world.commits.inspect_set(request.commit_set.id):
            state = pb.FINISHED if request.wait else pb.STARTED
            known = await wait_for(self.world, commit.key, state)
            yield commit_info(self.world.store, known)

    async def SquashCommitSet(self, request: Any, _: Any) -> Any:
        """Remove a commit set, but not what it changed."""
        with self.world.store.transaction():
            self.world.commits.squash_set(request.commit_set.id)
        return Empty()

    async def DropCommitSet(self, request: Any, _: Any) -> Any:
        """Remove a commit set with all that it holds."""
        with self.world.store.transaction():
            self.world.commits.drop_set(request.commit_set.id)
        return Empty()

    def _inspected(self, message: Any) -> Commit:
        try:
            return self._find(message)
        except PfsError as refusal:
            raise _while_inspecting(refusal) from None


def _while_inspecting(refusal: PfsError) -> PfsError:
    missing = refusal.details.startswith(("commit ", "branch "))
    return refusal.within("inspect commitHandle") if missing else refusal

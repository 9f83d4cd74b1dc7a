"""The PFS calls about commits and commit sets: requests in, messages out."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

from google.protobuf.empty_pb2 import Empty
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb

from local_cluster.pachd.errors import PfsError, repo_missing
from local_cluster.pachd.lookups import Calls
from local_cluster.pachd.messages import (
    branch_key,
    commit_info,
    commit_message,
    commit_name,
    repo_key,
)
from local_cluster.pachd.records import Commit
from local_cluster.pachd.subscriptions import (
    Subscription,
    origin_filter,
    subscribe,
    wait_for,
)

__all__ = ["CommitCalls"]


class CommitCalls(Calls):
    """Opening, closing, following and removing commits."""

    async def StartCommit(self, request: Any, _: Any) -> Any:
        """Open a commit."""
        branch = branch_key(request.branch)
        self.authorized(branch.repo)
        parent = self.find(request.parent) if request.HasField("parent") else None
        with self.world.store.transaction():
            commit = self.world.commits.start(
                branch, parent=parent, description=request.description
            )
        return commit_message(commit.key)

    async def FinishCommit(self, request: Any, _: Any) -> Any:
        """Close a commit; it finishes some time later."""
        commit = self.find(request.commit)
        with self.world.store.transaction():
            self.world.commits.finish(
                commit, description=request.description, error=request.error
            )
        return Empty()

    async def ClearCommit(self, request: Any, _: Any) -> Any:
        """Take back all that was written to an open commit."""
        commit = self.find(request.commit)
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
                self.authorized(repo_key(request.repo)),
                start=start,
                stop=stop,
                reverse=request.reverse,
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
        for commit in self.world.commit_sets.inspect(request.commit_set.id):
            state = pb.FINISHED if request.wait else pb.STARTED
            known = await wait_for(self.world, commit.key, state)
            yield commit_info(self.world.store, known)

    async def SquashCommitSet(self, request: Any, _: Any) -> Any:
        """Remove a commit set, but not what it changed."""
        with self.world.store.transaction():
            self.world.commit_sets.squash(request.commit_set.id)
        return Empty()

    async def DropCommitSet(self, request: Any, _: Any) -> Any:
        """Remove a commit set with all that it holds."""
        with self.world.store.transaction():
            self.world.commit_sets.drop(request.commit_set.id)
        return Empty()

    def _inspected(self, message: Any) -> Commit:
        try:
            return self.find(message)
        except PfsError as refusal:
            raise _while_inspecting(refusal) from None


def _while_inspecting(refusal: PfsError) -> PfsError:
    missing = refusal.details.startswith(("commit ", "branch "))
    return refusal.within("inspect commitHandle") if missing else refusal

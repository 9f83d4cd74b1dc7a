"""Repos: making, listing and deleting them."""

import time
from typing import Any

from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb

from local_cluster.pachd.branches import valid_name
from local_cluster.pachd.errors import branch_in_use, repo_exists
from local_cluster.pachd.messages import branch_message, repo_message, timestamp
from local_cluster.pachd.records import CommitKey, Repo, RepoKey
from local_cluster.pachd.trees import tree_size
from local_cluster.pachd.world import World

__all__ = ["create_repo", "delete_repo", "repo_info"]


def create_repo(
    world: World, key: RepoKey, *, description: str, update: bool = False
) -> None:
    """Make a repo, or give one that exists another description."""
    valid_name(key.name)
    known = world.store.repos.get(key)
    if known is not None and not update:
        raise repo_exists(key)
    with world.store.transaction():
        if known is None:
            known = Repo(key, time.time_ns())
        known.description = description
        world.store.save(known)


def delete_repo(world: World, key: RepoKey, *, force: bool) -> None:
    """Delete a repo with all in it; deleting one that is gone is no error."""
    repo = world.store.repos.get(key)
    if repo is None:
        return
    if not force:
        _check_unused(world, repo)
    with world.store.transaction():
        for branch in list(repo.branches.values()):
            world.branches.delete(branch.key, force=True)
        for commit in world.store.all_commits():
            kept = [source for source in commit.provenance if source.repo != key]
            if len(kept) < len(commit.provenance):
                commit.provenance = kept
                world.store.save(commit)
        world.store.remove(*repo.commits.values())
        world.store.remove(repo)


def _check_unused(world: World, repo: Repo) -> None:
    for branch in repo.branches.values():
        users = [
            user.key
            for user in world.store.users(branch.key)
            if user.key.repo != repo.key
        ]
        if users:
            refusal = branch_in_use(branch.key, users)
            raise refusal.within(f"delete repo: delete branch {branch.key}")


def repo_info(world: World, repo: Repo) -> Any:
    """Return all about a repo; its size is that of the head of master."""
    details = pb.RepoInfo.Details()
    master = repo.branches.get("master")
    if master is not None:
        head = world.store.commit(CommitKey(repo.key, master.head))
        details.size_bytes = 0 if head.tree is None else tree_size(head.tree)
    return pb.RepoInfo(
        repo=repo_message(repo.key),
        created=timestamp(repo.created),
        description=repo.description,
        branches=[branch_message(branch.key) for branch in repo.branches.values()],
        details=details,
    )

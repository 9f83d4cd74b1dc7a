"""Provenance as a graph: which shapes of it pachd allows."""

from collections.abc import Sequence

from local_cluster.pachd.errors import repos_in_one_graph
from local_cluster.pachd.records import BranchKey, RepoKey
from local_cluster.pachd.store import Store

__all__ = ["check_graph"]


def check_graph(store: Store, key: BranchKey, provenance: Sequence[BranchKey]) -> None:
    """Refuse a provenance by which one repo would take part with two branches."""
    repos: set[RepoKey] = set()
    for member in sorted(_connected(store, key, provenance)):
        if member.repo in repos:
            raise repos_in_one_graph(member.repo)
        repos.add(member.repo)


def _connected(
    store: Store, key: BranchKey, provenance: Sequence[BranchKey]
) -> set[BranchKey]:
    """Return what hangs together with a branch once it is made from these."""
    found = {key}
    queue = [key]
    while queue:
        member = queue.pop()
        users = [user.key for user in store.users(member) if user.key != key]
        if member in provenance:
            users.append(key)
        sources = provenance if member == key else _sources(store, member)
        fresh = {*users, *sources} - found
        found |= fresh
        queue += fresh
    return found


def _sources(store: Store, key: BranchKey) -> Sequence[BranchKey]:
    repo = store.repos.get(key.repo)
    branch = repo.branches.get(key.name) if repo else None
    return branch.provenance if branch else ()

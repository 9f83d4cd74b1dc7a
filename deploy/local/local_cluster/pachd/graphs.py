"""Provenance as a graph: which shapes of it pachd allows."""

from collections.abc import Sequence

from local_cluster.pachd.errors import repos_in_one_graph
from local_cluster.pachd.records import BranchKey, RepoKey
from local_cluster.pachd.store import Store

__all__ = ["check_graph"]


def check_graph(store: Store, key: BranchKey, provenance: Sequence[BranchKey]) -> None:
    """Refuse a provenance by which one repo would take part with two branches."""
    edges = [(b.key, p) for b in store.all_branches() for p in b.provenance]
    edges = [edge for edge in edges if edge[0] != key]
    edges += [(key, source) for source in provenance]
    repos: set[RepoKey] = set()
    for member in sorted(_connected(key, edges)):
        if member.repo in repos:
            raise repos_in_one_graph(member.repo)
        repos.add(member.repo)


def _connected(
    start: BranchKey, edges: Sequence[tuple[BranchKey, BranchKey]]
) -> set[BranchKey]:
    found = {start}
    while True:
        fresh = {a for a, b in edges if b in found} | {
            b for a, b in edges if a in found
        }
        if fresh <= found:
            return found
        found |= fresh

"""Commit sets: the commits of one transaction, found and removed together."""

from local_cluster.pachd.branches import Branches
from local_cluster.pachd.errors import (
    child_unfinished,
    commit_set_missing,
    drop_with_children,
    has_subvenance,
    squash_without_children,
)
from local_cluster.pachd.records import Commit, CommitKey
from local_cluster.pachd.store import Store

__all__ = ["CommitSets"]


class CommitSets:
    """Removes commits within a transaction that the caller opened."""

    def __init__(self, store: Store, branches: Branches) -> None:
        self._store = store
        self._branches = branches

    def inspect(self, identity: str) -> list[Commit]:
        """Return the commits of a set, or refuse when there are none."""
        commits = self._store.commit_set(identity)
        if not commits:
            raise commit_set_missing(identity)
        return commits

    def squash(self, identity: str) -> None:
        """Remove a commit set; its children hold what it changed."""
        commits = self._removable(identity)
        for commit in commits:
            if not commit.children:
                raise squash_without_children(commit.key)
        for commit in commits:
            self._refuse_unfinished(commit)
            self._remove(commit)

    def drop(self, identity: str) -> None:
        """Remove the last commits of their lines, with all that they hold."""
        commits = self._removable(identity)
        for commit in commits:
            if commit.children:
                raise drop_with_children(commit.key)
        for commit in reversed(commits):
            self._remove(commit)

    def _removable(self, identity: str) -> list[Commit]:
        commits = self._store.commit_set(identity)
        sources = {commit.key for commit in commits}
        made: list[str] = []
        for commit in sorted(self._store.all_commits(), key=lambda each: each.order):
            if sources.isdisjoint(commit.provenance):
                continue
            sources.add(commit.key)
            if commit.key.id not in {identity, *made}:
                made.append(commit.key.id)
        if made:
            raise has_subvenance(identity, made)
        return commits

    def _refuse_unfinished(self, commit: Commit) -> None:
        """What a commit changed is in a child only once that is finished."""
        for child in self._children(commit):
            if child.finished is None:
                is_closed = child.finishing is not None
                raise child_unfinished(child.key, is_closed=is_closed)

    def _remove(self, commit: Commit) -> None:
        repo = self._store.repo(commit.key.repo)
        above = repo.commits.get(commit.parent or "")
        if above is not None:
            place = above.children.index(commit.key.id)
            above.children[place : place + 1] = commit.children
            self._store.save(above)
        for child in self._children(commit):
            child.parent = commit.parent
            self._store.save(child)
        self._store.remove(commit)
        ordered = sorted(repo.branches.values(), key=lambda branch: branch.order)
        bereft = [branch for branch in ordered if branch.head == commit.key.id]
        self._branches.retreat(bereft, commit.parent)

    def _children(self, commit: Commit) -> list[Commit]:
        repo = commit.key.repo
        return [self._store.commit(CommitKey(repo, each)) for each in commit.children]

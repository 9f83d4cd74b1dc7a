"""Branches, and the AUTO commits that provenance between them makes by itself."""

import re
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence

from local_cluster.pachd.errors import (
    branch_in_use,
    branch_missing,
    invalid_name,
)
from local_cluster.pachd.graphs import check_graph
from local_cluster.pachd.records import (
    Branch,
    BranchKey,
    Commit,
    CommitKey,
    Origin,
)
from local_cluster.pachd.store import Store

__all__ = ["Branches", "adopt", "new_id", "valid_key", "valid_name"]

_NAME = re.compile(r"[a-zA-Z0-9_-]+")


def new_id() -> str:
    """Return a fresh id, as pachd gives to commits and file sets."""
    return uuid.uuid4().hex


def valid_name(name: str) -> str:
    """Return a name that a repo or a branch may have, or refuse it."""
    if not _NAME.fullmatch(name):
        raise invalid_name(name)
    return name


class Branches:
    """Makes and moves branches within a transaction that the caller opened."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # -- reading -----------------------------------------------------------

    def get(self, key: BranchKey) -> Branch | None:
        """Return a branch, or None where there is none; the repo must exist."""
        return self._store.repo(key.repo).branches.get(key.name)

    def provenance(self, branch: Branch) -> list[BranchKey]:
        """Return all branches that a branch descends from, nearest first."""
        found: list[BranchKey] = []
        queue = list(branch.provenance)
        while queue:
            key = queue.pop(0)
            if key not in found:
                found.append(key)
                known = self.get(key)
                queue += known.provenance if known is not None else []
        return found

    def subvenance(self, key: BranchKey) -> list[BranchKey]:
        """Return all branches that descend from a branch, nearest first."""
        found: list[BranchKey] = []
        queue = [key]
        while queue:
            children = self._direct_subvenance(queue.pop(0))
            fresh = [child for child in children if child not in found]
            found += fresh
            queue += fresh
        return found

    def _direct_subvenance(self, key: BranchKey) -> list[BranchKey]:
        return [branch.key for branch in self._store.users(key)]

    # -- changing ----------------------------------------------------------

    def create(
        self,
        key: BranchKey,
        *,
        head: Commit | None,
        provenance: Sequence[BranchKey],
        transaction: str,
    ) -> None:
        """Make a branch, or move it, or change what it descends from."""
        valid_name(key.name)
        known = self.get(key)
        check_graph(self._store, key, provenance)
        for source in provenance:
            self._ensure(source, transaction)
        redeclared = known is not None and set(known.provenance) == set(provenance)
        branch = self._placed(key, head, provenance)
        if provenance and not redeclared:
            self._auto_commit(branch, transaction)
            self.propagate(key, transaction)
        elif not branch.head:
            self._empty_commit(branch, transaction)
            self.propagate(key, transaction)
        elif head is not None:
            self.propagate(key, transaction)

    def delete(self, key: BranchKey, *, force: bool) -> None:
        """Delete a branch; its commits stay, without a branch for evermore."""
        branch = self.get(key)
        if branch is None:
            raise branch_missing(key)
        users = self._direct_subvenance(key)
        if users and not force:
            raise branch_in_use(key, users)
        for user in users:
            using = self._store.branch(user)
            self._store.rewire(
                using, [each for each in using.provenance if each != key]
            )
        for commit in self._store.repo(key.repo).commits.values():
            if commit.branch == key.name:
                commit.branch = None
                self._store.save(commit)
        self._store.remove(branch)

    def move(self, key: BranchKey, head: str) -> Branch:
        """Point a branch at a commit; make the branch where there is none."""
        branch = self.get(key)
        if branch is None:
            branch = Branch(key, self._store.next_order(), head)
        branch.head = head
        self._store.save(branch)
        return branch

    def retreat(self, branches: Sequence[Branch], parent: str | None) -> None:
        """Move branches of one repo off a commit that is being removed.

        Where it was the first of all, they share one new commit, which is open if the
        oldest of them descends from others.
        """
        for branch in branches:
            branch.head = parent or ""
        if branches and parent is None:
            first = branches[0]
            begin = self._auto_commit if first.provenance else self._empty_commit
            begin(first, new_id())
        for branch in branches:
            branch.head = branches[0].head
        self._store.save(*branches)

    def propagate(self, key: BranchKey, transaction: str) -> None:
        """Open an AUTO commit on every branch that descends from this one."""
        for dependent in self._in_order(self.subvenance(key)):
            if transaction not in self._store.repo(dependent.key.repo).commits:
                self._auto_commit(dependent, transaction)

    # -- parts of the above ------------------------------------------------

    def _placed(
        self, key: BranchKey, head: Commit | None, provenance: Sequence[BranchKey]
    ) -> Branch:
        known = self.get(key)
        kept = known.head if known is not None else ""
        branch = self.move(key, kept if head is None else head.key.id)
        self._store.rewire(branch, provenance)
        return branch

    def _ensure(self, key: BranchKey, transaction: str) -> None:
        if self.get(key) is None:
            self._empty_commit(self.move(valid_key(key), ""), transaction)

    def _in_order(self, keys: Iterable[BranchKey]) -> Iterator[Branch]:
        """Yield branches so that each comes after all it descends from."""
        branches = [self._store.branch(key) for key in keys]
        return iter(sorted(branches, key=lambda each: len(self.provenance(each))))

    def _auto_commit(self, branch: Branch, transaction: str) -> Commit:
        sources = [self._store.branch(key) for key in branch.provenance]
        commit = self._commit(branch, transaction)
        commit.provenance = [CommitKey(each.key.repo, each.head) for each in sources]
        return commit

    def _empty_commit(self, branch: Branch, transaction: str) -> Commit:
        commit = self._commit(branch, transaction)
        commit.finishing = commit.finished = commit.started
        commit.tree = {}
        return commit

    def _commit(self, branch: Branch, transaction: str) -> Commit:
        key = CommitKey(branch.key.repo, transaction)
        order = self._store.next_order()
        parent = branch.head or None
        commit = Commit(key, order, Origin.AUTO, time.time_ns(), branch.key.name)
        adopt(self._store, commit, parent)
        branch.head = commit.key.id
        self._store.save(branch)
        return commit


def valid_key(key: BranchKey) -> BranchKey:
    """Return a branch's key when its name is allowed."""
    valid_name(key.name)
    return key


def adopt(store: Store, commit: Commit, parent: str | None) -> None:
    """Save a new commit as the child of its parent."""
    commit.parent = parent
    if parent is not None:
        above = store.commit(CommitKey(commit.key.repo, parent))
        above.children.append(commit.key.id)
        store.save(above)
    store.save(commit)

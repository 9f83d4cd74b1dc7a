"""Commits: opening, closing, finding and listing them."""

import re
import time
from collections.abc import Iterator

from local_cluster.pachd.branches import Branches, adopt, new_id, valid_key
from local_cluster.pachd.errors import (
    CommitOnOutputBranchError,
    already_finished,
    branch_missing,
    commit_missing,
    parent_unfinished,
    unknown,
)
from local_cluster.pachd.finishing import Finisher
from local_cluster.pachd.records import (
    BranchKey,
    Commit,
    CommitKey,
    Origin,
    RepoKey,
)
from local_cluster.pachd.store import Store

__all__ = ["Commits", "writable"]

_ID = re.compile(r"[0-9a-f]{12}4[0-9a-f]{19}")
_ANCESTRY = re.compile(r"(?P<start>[^~^]*)(?P<steps>([~^][0-9]*)*)")


class Commits:
    """Changes commits within a transaction that the caller opened."""

    def __init__(self, store: Store, branches: Branches, finisher: Finisher) -> None:
        self._store = store
        self._branches = branches
        self._finisher = finisher

    # -- finding -----------------------------------------------------------

    def find(self, repo: RepoKey, name: str) -> Commit:
        """Return the commit of an id, a branch, or an ancestry (`master^`)."""
        match = _ANCESTRY.fullmatch(name)
        start, steps = (match["start"], match["steps"]) if match else (name, "")
        commit = self._start_of(repo, start)
        for step in re.findall(r"[~^]([0-9]*)", steps):
            for _ in range(int(step or 1)):
                if commit.parent is None:
                    raise commit_missing(CommitKey(repo, name))
                commit = self._store.commit(CommitKey(repo, commit.parent))
        return commit

    def _start_of(self, repo: RepoKey, name: str) -> Commit:
        if _ID.fullmatch(name):
            return self._known_as(CommitKey(repo, name))
        branch = self._store.repo(repo).branches.get(name)
        if branch is None:
            raise branch_missing(BranchKey(repo, name))
        return self._store.commit(CommitKey(repo, branch.head))

    def _known_as(self, key: CommitKey) -> Commit:
        """Return a commit by its own id, or by that of a set that was made from it.

        So every repo that a set descends from has a commit of the set's id.
        """
        if key.id in self._store.repo(key.repo).commits:
            return self._store.commit(key)
        above = [commit.key for commit in self._store.commit_set(key.id)]
        for member in above:
            if member.repo == key.repo:
                return self._store.commit(member)
            sources = self._store.commit(member).provenance
            above += [source for source in sources if source not in above]
        raise commit_missing(key)

    def ancestry(self, commit: Commit, until: Commit | None) -> Iterator[Commit]:
        """Yield a commit and its ancestors, down to one that is left out.

        The parent is known before its child is told of: one that is squashed
        meanwhile is missed.
        """
        walker: Commit | None = commit
        while walker is not None and (until is None or walker.key != until.key):
            above = CommitKey(walker.key.repo, walker.parent or "")
            yield walker
            walker = self._store.commit(above) if above.id else None

    # -- opening and closing -----------------------------------------------

    def start(
        self, branch: BranchKey, *, parent: Commit | None, description: str
    ) -> Commit:
        """Open a commit on a branch, made where there is none."""
        known = self._branches.get(valid_key(branch))
        if parent is None and known is not None:
            parent = self._store.commit(CommitKey(branch.repo, known.head))
        if parent is not None and parent.finishing is None:
            raise parent_unfinished(parent.key)
        if known is not None and known.provenance:
            raise CommitOnOutputBranchError(branch)
        key = CommitKey(branch.repo, new_id())
        order = self._store.next_order()
        commit = Commit(key, order, Origin.USER, time.time_ns(), branch.name)
        commit.description = description
        self._branches.move(branch, key.id)
        adopt(self._store, commit, None if parent is None else parent.key.id)
        self._branches.propagate(branch, key.id)
        return commit

    def finish(self, commit: Commit, *, description: str, error: str) -> None:
        """Close a commit; it finishes by itself some time later."""
        writable(commit)
        commit.finishing = time.time_ns()
        commit.description = description or commit.description
        commit.error = error
        self._store.save(commit)
        self._finisher.schedule(commit.key)

    def finish_at_once(self, commit: Commit) -> None:
        """Close a commit in the moment in which it was opened."""
        self.finish(commit, description="", error="")
        commit.finishing = commit.started

    def clear(self, commit: Commit) -> None:
        """Take back everything that was written to an open commit."""
        if commit.finishing is not None:
            raise unknown("cannot clear finished commit")
        commit.changes, commit.written = {}, 0
        self._store.save(commit)

    # -- listing -----------------------------------------------------------

    def listing(
        self, repo: RepoKey, *, start: str, stop: str, reverse: bool
    ) -> Iterator[Commit]:
        """Yield a repo's commits, or those from a start down to a stop."""
        if (start or stop) and reverse:
            raise unknown("cannot use 'Reverse' while also using 'From' or 'To'")
        if stop and not start:
            raise unknown("cannot use `from` commit without `to` commit")
        if start:
            until = self.find(repo, stop) if stop else None
            return self.ancestry(self.find(repo, start), until)
        commits = sorted(self._store.repo(repo).commits.values(), key=_order)
        return iter(commits if reverse else commits[::-1])


def writable(commit: Commit) -> None:
    """Refuse to change a commit that was closed."""
    if commit.finishing is not None:
        raise already_finished(commit.key)


def _order(commit: Commit) -> int:
    return commit.order

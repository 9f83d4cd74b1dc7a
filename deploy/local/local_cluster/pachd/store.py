"""The state of pachd: in memory to be read, in SQLite to survive a crash.

Every call changes the state within one `transaction`, which reaches the disk
whole or not at all. A call that fails in the middle leaves no trace: the state is
read back from the disk.
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local_cluster.pachd.blobs import BlobStore
from local_cluster.pachd.errors import (
    branch_missing,
    commit_missing,
    repo_missing,
)
from local_cluster.pachd.records import (
    Branch,
    BranchKey,
    Changes,
    Commit,
    CommitKey,
    Repo,
    RepoKey,
    changes_from_json,
    changes_to_json,
)

__all__ = ["Store"]

_SCHEMA = "CREATE TABLE IF NOT EXISTS records (key TEXT PRIMARY KEY, value TEXT)"
_UPSERT = "INSERT OR REPLACE INTO records (key, value) VALUES (?, ?)"
_REMOVE = "DELETE FROM records WHERE key = ?"


class Store:
    """Repos, commits and file sets, with the blobs they refer to."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.blobs = BlobStore(root / "blobs")
        self.repos: dict[RepoKey, Repo] = {}
        self.file_sets: dict[str, Changes] = {}
        self._users: dict[BranchKey, set[BranchKey]] = {}
        self._news: dict[RepoKey | None, asyncio.Event] = {}
        self._touched: set[RepoKey] = set()
        self._order = 0
        self._dirty: dict[str, Callable[[], object] | None] = {}
        self._db = sqlite3.connect(root / "state.sqlite", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        # It has to survive the end of its process, not that of the machine.
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute(_SCHEMA)
        self._load()

    def close(self) -> None:
        """Let go of the database; nothing is left to be written."""
        self._db.close()

    # -- reading -----------------------------------------------------------

    def repo(self, key: RepoKey) -> Repo:
        """Return a repo, or refuse."""
        if key not in self.repos:
            raise repo_missing(key)
        return self.repos[key]

    def branch(self, key: BranchKey) -> Branch:
        """Return a branch, or refuse."""
        if key.name not in self.repo(key.repo).branches:
            raise branch_missing(key)
        return self.repos[key.repo].branches[key.name]

    def commit(self, key: CommitKey) -> Commit:
        """Return a commit, or refuse."""
        if key.id not in self.repo(key.repo).commits:
            raise commit_missing(key)
        return self.repos[key.repo].commits[key.id]

    def commit_set(self, identity: str) -> list[Commit]:
        """Return the commits of all repos that share an id, oldest first."""
        found = [r.commits[identity] for r in self._repos() if identity in r.commits]
        return sorted(found, key=lambda commit: commit.order)

    def all_branches(self) -> Iterator[Branch]:
        """Yield the branches of all repos."""
        return (b for repo in self._repos() for b in repo.branches.values())

    def users(self, key: BranchKey) -> list[Branch]:
        """Return the branches that are made directly from a branch, oldest first."""
        found = [self.branch(user) for user in self._users.get(key, ())]
        return sorted(found, key=lambda branch: branch.order)

    def all_commits(self) -> Iterator[Commit]:
        """Yield the commits of all repos."""
        return (c for repo in self._repos() for c in repo.commits.values())

    def _repos(self) -> list[Repo]:
        return list(self.repos.values())

    # -- waiting -----------------------------------------------------------

    async def until(
        self, look: Callable[[], bool], repo: RepoKey | None = None
    ) -> None:
        """Look now and again after every change, until there is what was sought.

        With a repo, only after changes there: thousands may wait at the same time.
        """
        while not look():
            await self._news.setdefault(repo, asyncio.Event()).wait()

    # -- changing ----------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all that changes inside at once, and wake whoever waits."""
        try:
            yield
        except BaseException:
            if self._dirty:
                self._load()
            raise
        self._write()
        touched, self._touched = self._touched, set()
        for repo in (*touched, None):
            if repo in self._news:
                self._news.pop(repo).set()

    def next_order(self) -> int:
        """Return a number greater than all before: the order of making."""
        self._order += 1
        return self._order

    def save(self, *records: Repo | Branch | Commit) -> None:
        """Remember records as they are now, known or new."""
        for record in records:
            self._dirty[_key(record)] = record.to_json
            self._touched.add(_repo_of(record))
            self._index(record)

    def rewire(self, branch: Branch, provenance: Iterable[BranchKey]) -> None:
        """Say what a branch is made from."""
        self._unwire(branch)
        branch.provenance = list(provenance)
        self.save(branch)

    def remove(self, *records: Repo | Branch | Commit) -> None:
        """Forget records."""
        for record in records:
            self._dirty[_key(record)] = None
            self._touched.add(_repo_of(record))
            if isinstance(record, Repo):
                del self.repos[record.key]
            elif isinstance(record, Branch):
                self._unwire(record)
                del self.repos[record.key.repo].branches[record.key.name]
            else:
                del self.repos[record.key.repo].commits[record.key.id]

    def save_file_set(self, identity: str, changes: Changes) -> None:
        """Remember a file set."""
        self.file_sets[identity] = changes
        self._dirty[f"4fileset/{identity}"] = lambda: changes_to_json(changes)

    # -- the disk ----------------------------------------------------------

    def _write(self) -> None:
        with self._db:
            self._db.execute("BEGIN")
            for key, to_json in self._dirty.items():
                if to_json is None:
                    self._db.execute(_REMOVE, (key,))
                else:
                    self._db.execute(_UPSERT, (key, json.dumps(to_json())))
        self._dirty.clear()

    def _load(self) -> None:
        self._dirty.clear()
        self._touched.clear()
        self.repos, self.file_sets, self._users = {}, {}, {}
        commits: list[Commit] = []
        branches: list[Branch] = []
        for key, text in self._db.execute("SELECT key, value FROM records"):
            self._take(key, json.loads(text), branches, commits)
        made: list[Branch | Commit] = [*branches, *commits]
        for record in sorted(made, key=lambda each: each.order):
            self._index(record)
            self._order = max(self._order, record.order)

    def _take(
        self, key: str, value: Any, branches: list[Branch], commits: list[Commit]
    ) -> None:
        kind, _, name = key.partition("/")
        if kind == "1repo":
            self._index(Repo.from_json(value))
        elif kind == "2branch":
            branches.append(Branch.from_json(value))
        elif kind == "3commit":
            commits.append(Commit.from_json(value))
        else:
            self.file_sets[name] = changes_from_json(value)

    def _index(self, record: Repo | Branch | Commit) -> None:
        if isinstance(record, Repo):
            self.repos[record.key] = record
        elif isinstance(record, Branch):
            self.repos[record.key.repo].branches[record.key.name] = record
            for source in record.provenance:
                self._users.setdefault(source, set()).add(record.key)
        else:
            self.repos[record.key.repo].commits[record.key.id] = record

    def _unwire(self, branch: Branch) -> None:
        for source in branch.provenance:
            self._users[source].discard(branch.key)


def _repo_of(record: Repo | Branch | Commit) -> RepoKey:
    return record.key if isinstance(record, Repo) else record.key.repo


def _key(record: Repo | Branch | Commit) -> str:
    if isinstance(record, Repo):
        return f"1repo/{record.key}"
    if isinstance(record, Branch):
        return f"2branch/{record.key}"
    return f"3commit/{record.key}"

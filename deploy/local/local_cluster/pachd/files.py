"""Changing files: what a ModifyFile stream, a file set or an S3 PUT does.

Changes gather in a `Draft` and reach the commit in one step at the end, so that a
stream that breaks off leaves nothing behind.
"""

import re
from collections.abc import Callable

from local_cluster.pachd.branches import Branches, new_id
from local_cluster.pachd.commits import Commits, writable
from local_cluster.pachd.errors import FileMissingError, invalid_path, unknown
from local_cluster.pachd.records import (
    BranchKey,
    Change,
    Changes,
    Commit,
    CommitKey,
    Content,
    Tree,
)
from local_cluster.pachd.store import Store
from local_cluster.pachd.trees import (
    applied,
    below,
    composed,
    content_size,
    file_path,
    is_folder,
)
from local_cluster.pachd.views import tree_of

__all__ = ["Draft", "Files", "nothing_below"]

_PRINTABLE = re.compile(r"[ -~]+")
_GLOBBING = re.compile(r"[*?\[\]{}!()@+^]")


def nothing_below() -> Tree:
    """Return what a file set builds on."""
    return {}


class Draft:
    """Changes that have not reached a commit yet."""

    def __init__(self, beneath: Callable[[], Tree]) -> None:
        self._beneath = beneath
        self.changes: Changes = {}
        self.written = 0

    def add(self, path: str, content: Content) -> None:
        """Append to a file, made where there is none."""
        self._change(_checked(path), Change(content=content))

    def put(self, path: str, content: Content) -> None:
        """Replace a file."""
        self._change(_checked(path), Change(replace=True, content=content))

    def delete(self, path: str) -> None:
        """Delete a file; or all files of a folder, when the path ends so.

        Which files a folder has is looked up beneath this draft: a file set lies on
        nothing, and so does not delete what a commit inherits.
        """
        path = _checked(path)
        if not is_folder(path):
            self._change(path, Change(replace=True))
            return
        for name in list(below(applied(self._beneath(), self.changes), path)):
            self._change(name, Change(replace=True))

    def copy(self, path: str, source: Tree, origin: str, *, append: bool) -> None:
        """Copy a file or a folder by reference; nothing, where there is none."""
        origin, path = file_path(origin), file_path(path)
        if origin in source:
            self._copy_one(path, source[origin], append=append)
            return
        for name in below(source, origin):
            inside = name.removeprefix(origin.rstrip("/"))
            self._copy_one(path.rstrip("/") + inside, source[name], append=append)

    def _copy_one(self, path: str, content: Content, *, append: bool) -> None:
        self._change(path, Change(replace=not append, content=content))

    def _change(self, path: str, change: Change) -> None:
        self.changes[path] = composed(self.changes.get(path), change)
        self.written += content_size(change.content or ())


def _checked(path: str) -> str:
    """Return a path as pachd keeps it, or refuse it.

    Reading takes some of these characters for a pattern, so nothing may have them.
    """
    if _PRINTABLE.fullmatch(path) is None:
        raise invalid_path(path, "only printable ASCII characters allowed")
    if found := _GLOBBING.search(path):
        why = f"globbing character ({found[0]}) not allowed in path"
        raise invalid_path(path, why)
    if {".", ".."} & {*path.split("/")}:
        raise invalid_path(path, "relative file paths are not allowed")
    return file_path(path)


class Files:
    """Brings drafts into commits, and keeps file sets."""

    def __init__(self, store: Store, branches: Branches, commits: Commits) -> None:
        self._store = store
        self._branches = branches
        self._commits = commits

    def open_head(self, branch: BranchKey) -> Commit | None:
        """Return a branch's head when it can be written to."""
        known = self._branches.get(branch)
        if known is None:
            return None
        head = self._store.commit(CommitKey(branch.repo, known.head))
        return head if head.finishing is None else None

    def draft(self, target: CommitKey | BranchKey) -> Draft:
        """Return an empty draft for an open commit, or for a branch's next one."""
        if isinstance(target, CommitKey):
            writable(self._store.commit(target))
        return Draft(lambda: self._beneath(target))

    def save(self, target: CommitKey | BranchKey, draft: Draft) -> Commit:
        """Bring a draft into a commit: the open one, or a new one of its own."""
        with self._store.transaction():
            if isinstance(target, CommitKey):
                return self._add(self._store.commit(target), draft)
            head = self.open_head(target)
            if head is not None:
                return self._add(head, draft)
            commit = self._commits.start(target, parent=None, description="")
            self._add(commit, draft)
            self._commits.finish_at_once(commit)
            return commit

    def create_set(self, draft: Draft) -> str:
        """Keep a draft under an id of its own."""
        identity = new_id()
        with self._store.transaction():
            self._store.save_file_set(identity, draft.changes)
        return identity

    def add_set(self, target: CommitKey, identity: str) -> None:
        """Bring a file set into an open commit."""
        if identity not in self._store.file_sets:
            raise unknown("add file set: path does not exist")
        draft = Draft(nothing_below)
        draft.changes = self._store.file_sets[identity]
        contents = (change.content or () for change in draft.changes.values())
        draft.written = sum(content_size(content) for content in contents)
        self.save(target, draft)

    def tree(self, commit: CommitKey) -> Tree:
        """Return all files of a commit."""
        return tree_of(self._store, self._store.commit(commit))

    def content(self, commit: CommitKey, path: str) -> Content:
        """Return one file of a commit, or refuse."""
        tree = self.tree(commit)
        if file_path(path) not in tree:
            raise FileMissingError(commit, path)
        return tree[file_path(path)]

    def _add(self, commit: Commit, draft: Draft) -> Commit:
        writable(commit)
        for path, change in draft.changes.items():
            commit.changes[path] = composed(commit.changes.get(path), change)
        commit.written += draft.written
        self._store.save(commit)
        return commit

    def _beneath(self, target: CommitKey | BranchKey) -> Tree:
        if isinstance(target, CommitKey):
            return self.tree(target)
        branch = self._branches.get(target)
        if branch is None:
            return {}
        return self.tree(CommitKey(target.repo, branch.head))

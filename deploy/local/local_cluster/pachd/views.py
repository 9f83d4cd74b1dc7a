"""Reading a commit: which files it shows while open, errored or finished."""

from local_cluster.pachd.errors import base_unfinished
from local_cluster.pachd.records import Commit, CommitKey, Tree
from local_cluster.pachd.store import Store
from local_cluster.pachd.trees import applied, tree_size

__all__ = ["base_of", "is_readable", "size_upper_bound", "tree_of"]


def base_of(store: Store, commit: Commit) -> Commit | None:
    """Return the commit whose files this one starts from.

    It is the nearest ancestor that was not finished with an error.
    """
    parent = commit.parent
    while parent is not None:
        ancestor = store.commit(CommitKey(commit.key.repo, parent))
        if not ancestor.error:
            return ancestor
        parent = ancestor.parent
    return None


def tree_of(store: Store, commit: Commit) -> Tree:
    """Return all files of a commit, or refuse where an ancestor is not finished."""
    if commit.tree is not None:
        return commit.tree
    base = base_of(store, commit)
    if base is None:
        return applied({}, commit.changes)
    if base.finished is None:
        raise base_unfinished(base.key, commit.key)
    return applied(tree_of(store, base), commit.changes)


def is_readable(store: Store, commit: Commit) -> bool:
    """Tell whether no ancestor that is not finished keeps a commit from being read."""
    if commit.tree is not None:
        return True
    base = base_of(store, commit)
    return base is None or (base.finished is not None and is_readable(store, base))


def size_upper_bound(store: Store, commit: Commit) -> int:
    """Return the size that listings show before the true one is known.

    Bytes that were overwritten in an open commit still count.
    """
    if commit.tree is not None:
        return tree_size(commit.tree)
    if not is_readable(store, commit):
        return 0
    base = base_of(store, commit)
    inherited = tree_size(tree_of(store, base)) if base is not None else 0
    return inherited + commit.written

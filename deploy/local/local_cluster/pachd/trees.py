"""Files as values: how changes add up, and what a folder looks like."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

from local_cluster.pachd.records import Change, Changes, Content, Tree

__all__ = [
    "Entry",
    "applied",
    "below",
    "collision",
    "composed",
    "content_size",
    "entries",
    "file_path",
    "is_folder",
    "parent_folder",
    "tree_size",
]


def file_path(path: str) -> str:
    """Return a path as pachd keeps it: absolute, a folder ends with a slash."""
    parts = [part for part in path.split("/") if part]
    return "/" + "/".join(parts) + ("/" if parts and path.endswith("/") else "")


def is_folder(path: str) -> bool:
    """Tell whether a path names a folder rather than a file."""
    return path.endswith("/")


def content_size(content: Content) -> int:
    """Return how many bytes a file has."""
    return sum(part.size for part in content)


def tree_size(tree: Tree) -> int:
    """Return how many bytes all files have."""
    return sum(content_size(content) for content in tree.values())


def composed(older: Change | None, newer: Change) -> Change:
    """Return one change that does what two do, one after the other."""
    if older is None or newer.replace:
        return newer
    if newer.content is None:
        return older
    return Change(older.replace, (older.content or ()) + newer.content)


def applied(tree: Tree, changes: Changes) -> Tree:
    """Return the files after the changes."""
    result = dict(tree)
    for path, change in changes.items():
        before = () if change.replace else result.get(path, ())
        if change.content is not None:
            result[path] = before + change.content
        elif change.replace:
            result.pop(path, None)
    return result


def below(tree: Tree, folder: str) -> Iterator[str]:
    """Yield the paths of all files below a folder, in order."""
    prefix = folder if is_folder(folder) else f"{folder}/"
    return (path for path in sorted(tree) if path.startswith(prefix))


def collision(tree: Tree) -> str | None:
    """Return a path below another path that is itself a file, if there is one."""
    for path in sorted(tree):
        parts = path.split("/")
        for depth in range(2, len(parts)):
            if "/".join(parts[:depth]) in tree:
                return path
    return None


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a folder, as a listing shows it."""

    path: str
    size: int
    hash: bytes


def entries(tree: Tree, file_hash: Callable[[Content], bytes]) -> dict[str, Entry]:
    """Return every file and every folder above one, in the order of their paths.

    A folder's hash is made of the hashes of what lies directly in it.
    """
    found: dict[str, Entry] = {}
    members: dict[str, list[str]] = {}
    for path in sorted(tree):
        found[path] = Entry(path, content_size(tree[path]), file_hash(tree[path]))
        _enlist(path, members)
    for folder in sorted(members, key=len, reverse=True):
        inside = [found[path] for path in sorted(members[folder])]
        joined = b"".join(entry.hash for entry in inside)
        size = sum(entry.size for entry in inside)
        found[folder] = Entry(folder, size, blake2b(joined, digest_size=32).digest())
    return dict(sorted(found.items()))


def parent_folder(path: str) -> str:
    """Return the folder in which a file or a folder lies."""
    return path.rstrip("/").rpartition("/")[0] + "/"


def _enlist(path: str, members: dict[str, list[str]]) -> None:
    while path != "/":
        folder = parent_folder(path)
        if path in members.setdefault(folder, []):
            return
        members[folder].append(path)
        path = folder

"""Which files differ between two commits, or folders. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["FileChange", "FileChanges", "Version", "compare_files", "data_paths"]

_ARCHIVE = ".npz"


@dataclass(frozen=True, slots=True)
class Version:
    """One file on one side."""

    size: int
    hash: str = ""
    """pachd's own, in hexadecimal; empty for a file outside of Pachyderm."""
    sha256: str = ""
    """Hexadecimal; empty as long as nobody has read the file."""

    def equals(self, other: "Version") -> bool | None:
        """Whether it is the same file; None where that must be read first.

        pachd may cut the same bytes in different ways and then gives them different
        hashes, so a sha256 of both sides decides.
        """
        if self.size != other.size:
            return False
        if self.hash and self.hash == other.hash:
            return True
        if self.sha256 and other.sha256:
            return self.sha256 == other.sha256
        return False if self.hash and other.hash else None


Files = Mapping[str, Version]
"""By path, which begins with a slash."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that is on one side alone, or not the same on both."""

    path: str
    before: Version | None
    after: Version | None


@dataclass(frozen=True, slots=True)
class FileChanges:
    """All files of two sides, by what became of them; in the order of their paths."""

    added: tuple[FileChange, ...]
    removed: tuple[FileChange, ...]
    changed: tuple[FileChange, ...]
    unchanged: int

    @property
    def same(self) -> bool:
        """Whether both sides have the same files."""
        return not (self.added or self.removed or self.changed)


def compare_files(before: Files, after: Files) -> FileChanges:
    """Sort all files; one whose equality is unknown counts as changed."""
    added, removed, changed = [], [], []
    for change in _changes(before, after):
        if change.before is None:
            added.append(change)
        elif change.after is None:
            removed.append(change)
        else:
            changed.append(change)
    common = len(before.keys() & after.keys())
    return FileChanges(
        tuple(added), tuple(removed), tuple(changed), common - len(changed)
    )


def _changes(before: Files, after: Files) -> Iterator[FileChange]:
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old is None or new is None or not old.equals(new):
            yield FileChange(path, old, new)


def data_paths(files: Files, path: str) -> Sequence[str]:
    """The files of a data set, as the trainer reads `spec.input.path`.

    One `.npz` file, or all of them below a folder in the order of their names.
    """
    whole = "/" + path.strip("/")
    if whole.endswith(_ARCHIVE):
        return [whole] if whole in files else []
    folder = whole.rstrip("/") + "/"
    return sorted(f for f in files if f.startswith(folder) and f.endswith(_ARCHIVE))

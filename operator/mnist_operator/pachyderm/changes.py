"""What one ModifyFile stream can do to a commit, and how that travels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from mnist_operator.commits import Repo
from mnist_operator.pachyderm import wire
from mnist_operator.pachyderm.proto import part, text

__all__ = ["Change", "CopyFile", "DeletePath", "PutFile", "additions", "messages"]

# pachd's default limit for a received message is 20 MB; small pieces keep the
# memory of both sides flat.
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class DeletePath:
    """Take a file or a directory away; ``/`` is everything."""

    path: str


@dataclass(frozen=True, slots=True)
class PutFile:
    """Make the file have this content and no other."""

    path: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CopyFile:
    """Make the path refer to what another commit holds; no bytes travel."""

    path: str
    source_repo: Repo
    source_commit: str
    source_path: str


Change: TypeAlias = DeletePath | PutFile | CopyFile


def messages(target: bytes, changes: Sequence[Change]) -> Iterator[bytes]:
    """Everything for one stream: the commit to write to, then each change.

    Each is a ``ModifyFileRequest`` as it travels, and so is the ``Commit``.
    """
    yield part(1, target)
    for change in changes:
        yield from _of(change)


def additions(target: bytes, path: str, content: bytes) -> Iterator[bytes]:
    """A stream that appends to one file."""
    yield part(1, target)
    yield from _pieces(path, content)


def _of(change: Change) -> Iterator[bytes]:
    match change:
        case DeletePath(path):
            yield _deletion(path)
        case PutFile(path, content):
            # Adding appends to what is there.
            yield _deletion(path)
            yield from _pieces(path, content)
        case CopyFile(path, repo, commit, source):
            source_file = wire.file_bytes(repo, commit, source)
            yield part(4, text(1, path) + part(3, source_file))
        case _:
            assert_never(change)


def _deletion(path: str) -> bytes:
    return part(3, text(1, path))


def _pieces(path: str, content: bytes) -> Iterator[bytes]:
    # At least one, so that an empty file comes into being.
    for start in range(0, max(len(content), 1), _PIECE):
        raw = part(1, content[start : start + _PIECE])
        yield part(2, text(1, path) + part(3, raw))

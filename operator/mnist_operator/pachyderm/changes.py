"""What one ModifyFile stream can do to a commit, and how that travels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, assert_never

from google.protobuf import wrappers_pb2

from mnist_operator.commits import Repo
from mnist_operator.pachyderm import wire
from mnist_operator.pachyderm.stubs import pfs_pb2

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


def messages(target: Any, changes: Sequence[Change]) -> Iterator[Any]:
    """Everything for one stream: the commit to write to, then each change."""
    yield pfs_pb2.ModifyFileRequest(set_commit=target)
    for change in changes:
        yield from _of(change)


def additions(target: Any, path: str, content: bytes) -> Iterator[Any]:
    """A stream that appends to one file."""
    yield pfs_pb2.ModifyFileRequest(set_commit=target)
    yield from _pieces(path, content)


def _of(change: Change) -> Iterator[Any]:
    match change:
        case DeletePath(path):
            yield _deletion(path)
        case PutFile(path, content):
            # Adding appends to what is there.
            yield _deletion(path)
            yield from _pieces(path, content)
        case CopyFile(path, repo, commit, source):
            source_file = wire.file_message(repo, commit, source)
            copy = pfs_pb2.CopyFile(dst=path, src=source_file)
            yield pfs_pb2.ModifyFileRequest(copy_file=copy)
        case _:
            assert_never(change)


def _deletion(path: str) -> Any:
    return pfs_pb2.ModifyFileRequest(delete_file=pfs_pb2.DeleteFile(path=path))


def _pieces(path: str, content: bytes) -> Iterator[Any]:
    # At least one, so that an empty file comes into being.
    for start in range(0, max(len(content), 1), _PIECE):
        raw = wrappers_pb2.BytesValue(value=content[start : start + _PIECE])
        addition = pfs_pb2.AddFile(path=path, raw=raw)
        yield pfs_pb2.ModifyFileRequest(add_file=addition)

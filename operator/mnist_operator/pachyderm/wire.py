"""Values to messages and back.

Every message names its repo whole: pachd rejects a repo without the type "user",
and its handler panics on a ``copy_file`` whose source leaves repo or project out.
In answers ``commit.branch`` is empty on 2.11, so only repo and ID are read.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from mnist_operator.commits import Branch, Commit, File, Repo
from mnist_operator.errors import UpstreamError
from mnist_operator.foreign import plain
from mnist_operator.pachyderm import lean, metadata, proto
from mnist_operator.pachyderm.stubs import pfs_pb2

__all__ = [
    "BranchFacts",
    "branch_bytes",
    "branch_facts",
    "branch_head",
    "branch_message",
    "branch_question",
    "branch_value",
    "commit_bytes",
    "commit_id",
    "commit_message",
    "commit_named",
    "commit_value",
    "file_bytes",
    "file_message",
    "file_value",
    "head_bytes",
    "moment",
    "piece_value",
    "repo_bytes",
    "repo_message",
]


_ID = re.compile("[0-9a-z]([0-9a-z-]{0,61}[0-9a-z])?")
"""What can be a part of a name and the value of a label; pachd's are 32 digits."""
_DESCRIPTION_LIMIT = 64 * 1024
"""pachd takes 5 MB, of each of thousands of commits; ours have 2 to 20 KB."""
_ERROR_LIMIT = 2048
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FAR_AHEAD = 32_503_680_000
"""The year 3000, in seconds: beyond, sums of times come to no end that can be."""


_AUTO = 2
"""The origin of a commit that pachd made by itself."""
_BILLION = 1_000_000_000
_TIMES = {6: "started", 7: "finishing", 8: "finished"}
_FILE = 1
"""The type of a file that is no directory."""
_KEPT = 8192
"""Questions about branches, and answers to them, at most."""
_LONGEST_KEPT = 4096
"""Bytes of such an answer; they have a few hundred."""


@dataclass(frozen=True, slots=True)
class BranchFacts:
    """What pachd says of one branch."""

    name: str
    head: str | None
    sources: tuple[Branch, ...] = ()
    """What it is declared to descend from."""


@lru_cache(_KEPT)
def branch_question(branch: Branch) -> bytes:
    """An ``InspectBranchRequest``, as it travels."""
    return proto.part(1, branch_bytes(branch))


@lru_cache(_KEPT)
def repo_bytes(repo: Repo) -> bytes:
    """A ``Repo``, as it travels."""
    project = proto.part(3, proto.text(1, repo.project))
    return proto.text(1, repo.name) + proto.text(2, "user") + project


def branch_bytes(branch: Branch) -> bytes:
    """A ``Branch``, as it travels."""
    return proto.part(1, repo_bytes(branch.repo)) + proto.text(2, branch.name)


def commit_bytes(repo: Repo, commit: str) -> bytes:
    """A ``Commit`` by its ID, as it travels."""
    return proto.text(2, commit) + proto.part(3, repo_bytes(repo))


def head_bytes(branch: Branch) -> bytes:
    """A ``Commit``: whatever a branch points at, as it travels."""
    repo = repo_bytes(branch.repo)
    return proto.part(1, branch_bytes(branch)) + proto.part(3, repo)


def file_bytes(repo: Repo, commit: str, path: str) -> bytes:
    """A ``File``: a path inside a commit, as it travels."""
    return proto.part(1, commit_bytes(repo, commit)) + proto.text(2, path)


def branch_facts(answer: bytes) -> BranchFacts:
    """Read a ``BranchInfo``, as it travels. Raises a DecodeError for anything else."""
    known = len(answer) <= _LONGEST_KEPT
    return _known_facts(answer) if known else _read_facts(answer)


def _read_facts(answer: bytes) -> BranchFacts:
    info = lean.BranchInfo.FromString(answer)
    declared = map(pfs_pb2.Branch.FromString, info.direct_provenance)
    sources = tuple(map(branch_value, declared))
    return BranchFacts(info.branch.name, info.head.id or None, sources)


_known_facts = lru_cache(_KEPT)(_read_facts)


def repo_message(repo: Repo) -> Any:
    """Name a repo, with type and project."""
    project = pfs_pb2.Project(name=repo.project)
    return pfs_pb2.Repo(name=repo.name, type="user", project=project)


def branch_message(branch: Branch) -> Any:
    """Name a branch."""
    return pfs_pb2.Branch(repo=repo_message(branch.repo), name=branch.name)


def commit_message(repo: Repo, commit: str) -> Any:
    """Name a commit by its ID."""
    return pfs_pb2.Commit(repo=repo_message(repo), id=commit)


def branch_head(branch: Branch) -> Any:
    """Name whatever commit a branch points at."""
    return pfs_pb2.Commit(repo=repo_message(branch.repo), branch=branch_message(branch))


def file_message(repo: Repo, commit: str, path: str) -> Any:
    """Name a path inside a commit."""
    return pfs_pb2.File(commit=commit_message(repo, commit), path=path)


def branch_value(message: Any) -> Branch:
    """Read a ``Branch``."""
    repo = message.repo
    return Branch(Repo(repo.project.name or "default", repo.name), message.name)


def commit_value(answer: bytes) -> Commit:
    """Read a ``CommitInfo``, as it travels.

    Raises an UpstreamError for what can be no commit: names and labels are made of
    its ID, and times are counted with. And a DecodeError or ValueError for what is no
    such message.
    """
    info = proto.Reader(answer)
    repo, id_ = _source(info.part(1) or b"")
    _, parent = _source(info.part(4) or b"")
    started, finishing, finished = (
        _time(info.part(field), name, id_) for field, name in _TIMES.items()
    )
    made_of = info.parts(13)
    return Commit(
        id=commit_id(id_),
        repo=repo,
        parent=commit_id(parent) if parent else None,
        description=info.text(3)[:_DESCRIPTION_LIMIT],
        started=started or _EPOCH,
        finishing=finishing,
        finished=finished,
        error=plain(info.text(10), _ERROR_LIMIT),
        provenance=tuple(map(_source, filter(_is_data, made_of))),
        is_blank=(
            proto.Reader(info.part(2) or b"").number(1) == _AUTO
            and not (parent or made_of)
            # What others are to write is open first.
            and started == finished is not None
        ),
        metadata=metadata.read(info.parts(metadata.NUMBER)),
    )


def moment(stamp: Any) -> datetime:
    """Read a ``Timestamp``; what is none of our time is the epoch."""
    if not 0 <= stamp.seconds < _FAR_AHEAD:
        return _EPOCH
    return _EPOCH + timedelta(seconds=stamp.seconds, microseconds=stamp.nanos // 1000)


def commit_named(answer: bytes) -> str:
    """Read the ID of a ``Commit``, as it travels."""
    return commit_id(proto.Reader(answer).text(2))


def _source(commit: bytes) -> tuple[Repo, str]:
    read = proto.Reader(commit)
    return _repo(read.part(3) or b""), read.text(2)


def _is_data(commit: bytes) -> bool:
    """Whether a source is no specification of a pipeline, whose repo has its name."""
    repo = proto.Reader(proto.Reader(commit).part(3) or b"")
    return repo.text(2) in {"", "user"}


@lru_cache(_KEPT)
def _repo(message: bytes) -> Repo:
    read = proto.Reader(message)
    project = proto.Reader(read.part(3) or b"").text(1)
    return Repo(project=project or "default", name=read.text(1))


def file_value(answer: bytes) -> File | None:
    """Read a ``FileInfo``, as it travels; None for what is no file."""
    info = proto.Reader(answer)
    if info.number(2) != _FILE:
        return None
    path = proto.Reader(info.part(1) or b"").text(2)
    return File(path=path, size=info.number(4), hash=info.last(5).hex())


def piece_value(answer: bytes) -> bytes:
    """Read a ``BytesValue``, as it travels."""
    return proto.Reader(answer).last(1)


def commit_id(text: str) -> str:
    """The ID of a commit, if it is one."""
    if _ID.fullmatch(text) is None:
        detail = f"a commit came with an ID that is none: {plain(text, 64)!r}"
        raise UpstreamError("pachd", "CommitInfo", detail)
    return text


def _time(stamp: bytes | None, name: str, commit: str) -> datetime | None:
    if stamp is None:
        return None
    read = proto.Reader(stamp)
    seconds, nanoseconds = read.number(1), read.number(2)
    if not (0 <= seconds < _FAR_AHEAD and 0 <= nanoseconds < _BILLION):
        told = f"commit {plain(commit, 64)} came with a time that is none: {name}"
        raise UpstreamError("pachd", "CommitInfo", told)
    return _EPOCH + timedelta(seconds=seconds, microseconds=nanoseconds // 1000)

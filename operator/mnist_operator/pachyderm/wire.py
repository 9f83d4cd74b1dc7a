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
from mnist_operator.pachyderm import lean, metadata
from mnist_operator.pachyderm.stubs import pfs_pb2

__all__ = [
    "BranchFacts",
    "branch_facts",
    "branch_head",
    "branch_message",
    "branch_question",
    "branch_value",
    "commit_id",
    "commit_message",
    "commit_value",
    "file_message",
    "file_value",
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
    request = pfs_pb2.InspectBranchRequest(branch=branch_message(branch))
    question: bytes = request.SerializeToString()
    return question


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


def commit_value(info: Any) -> Commit:
    """Read a ``CommitInfo``.

    Raises an UpstreamError for what can be no commit: names and labels are made of
    its ID, and times are counted with.
    """
    repo = info.commit.repo
    return Commit(
        id=commit_id(info.commit.id),
        repo=Repo(project=repo.project.name or "default", name=repo.name),
        parent=commit_id(info.parent_commit.id) if info.parent_commit.id else None,
        description=info.description[:_DESCRIPTION_LIMIT],
        started=_moment(info, "started"),
        finishing=_time(info, "finishing"),
        finished=_time(info, "finished"),
        error=plain(info.error, _ERROR_LIMIT),
        provenance=tuple(map(_source, info.direct_provenance)),
        metadata=metadata.read(info),
    )


def _source(commit: Any) -> tuple[Repo, str]:
    project, name = commit.repo.project.name or "default", commit.repo.name
    return Repo(project=project, name=name), commit.id


def file_value(info: Any) -> File:
    """Read a ``FileInfo``."""
    return File(path=info.file.path, size=info.size_bytes, hash=info.hash.hex())


def commit_id(text: str) -> str:
    """The ID of a commit, if it is one."""
    if _ID.fullmatch(text) is None:
        detail = f"a commit came with an ID that is none: {plain(text, 64)!r}"
        raise UpstreamError("pachd", "CommitInfo", detail)
    return text


def _time(info: Any, field: str) -> datetime | None:
    return _moment(info, field) if info.HasField(field) else None


def _moment(info: Any, field: str) -> datetime:
    stamp = getattr(info, field)
    if not 0 <= stamp.seconds < _FAR_AHEAD:
        detail = f"commit {info.commit.id} came with a time that is none: {field}"
        raise UpstreamError("pachd", "CommitInfo", detail)
    return _EPOCH + timedelta(seconds=stamp.seconds, microseconds=stamp.nanos // 1000)

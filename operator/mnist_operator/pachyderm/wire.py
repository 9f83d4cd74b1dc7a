"""Values to messages and back.

Every message names its repo whole: pachd rejects a repo without the type "user",
and its handler panics on a ``copy_file`` whose source leaves repo or project out.
In answers ``commit.branch`` is empty on 2.11, so only repo and ID are read.
"""

from datetime import UTC, datetime
from typing import Any

from mnist_operator.commits import Branch, Commit, File, Repo
from mnist_operator.pachyderm import metadata
from mnist_operator.pachyderm.stubs import pfs_pb2

__all__ = [
    "branch_head",
    "branch_message",
    "branch_value",
    "commit_message",
    "commit_value",
    "file_message",
    "file_value",
    "repo_message",
]


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
    """Read a ``CommitInfo``."""
    repo = info.commit.repo
    return Commit(
        id=info.commit.id,
        repo=Repo(project=repo.project.name or "default", name=repo.name),
        parent=info.parent_commit.id or None,
        description=info.description,
        started=info.started.ToDatetime(tzinfo=UTC),
        finishing=_time(info, "finishing"),
        finished=_time(info, "finished"),
        error=info.error,
        provenance=tuple(map(_source, info.direct_provenance)),
        metadata=metadata.read(info),
    )


def _source(commit: Any) -> tuple[Repo, str]:
    project, name = commit.repo.project.name or "default", commit.repo.name
    return Repo(project=project, name=name), commit.id


def file_value(info: Any) -> File:
    """Read a ``FileInfo``."""
    return File(path=info.file.path, size=info.size_bytes, hash=info.hash.hex())


def _time(info: Any, field: str) -> datetime | None:
    if not info.HasField(field):
        return None
    moment: datetime = getattr(info, field).ToDatetime(tzinfo=UTC)
    return moment

"""Between pachd's records and its messages, in both directions.

A real pachd 2.11 leaves out what a reader would expect here and there (the branch
of a commit, sizes in some answers only); this is the place that leaves it out.
"""

from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb

from local_cluster.pachd.errors import panic, repo_of_no_type
from local_cluster.pachd.records import (
    Branch,
    BranchKey,
    Commit,
    CommitKey,
    RepoKey,
)
from local_cluster.pachd.store import Store
from local_cluster.pachd.trees import tree_size
from local_cluster.pachd.views import size_upper_bound

__all__ = [
    "branch_info",
    "branch_key",
    "branch_message",
    "commit_info",
    "commit_message",
    "commit_name",
    "full_repo_key",
    "repo_key",
    "repo_message",
    "timestamp",
]

_METADATA = 14
"""The field of CommitInfo that 2.10 added, unknown to python-pachyderm's stubs."""

_REPO_TYPES = ("user", "meta", "spec")


def repo_key(message: Any) -> RepoKey:
    """Return the repo that a request names; the project may be left out."""
    if message.type not in _REPO_TYPES:
        raise repo_of_no_type(message.type)
    name = message.name if message.type == "user" else f"{message.name}.{message.type}"
    return RepoKey(message.project.name or "default", name)


def full_repo_key(message: Any) -> RepoKey:
    """Return a repo from a place where leaving out the project is fatal."""
    if not message.name or not message.project.name:
        raise panic()
    return repo_key(message)


def branch_key(message: Any) -> BranchKey:
    """Return the branch that a request names."""
    return BranchKey(repo_key(message.repo), message.name)


def commit_name(message: Any) -> tuple[RepoKey, str]:
    """Return the repo and the id or branch by which a request names a commit."""
    inner = message.repo if message.HasField("repo") else message.branch.repo
    return repo_key(inner), message.id or message.branch.name


def repo_message(key: RepoKey) -> Any:
    """Return a repo's full name."""
    return pb.Repo(name=key.name, type="user", project=pb.Project(name=key.project))


def branch_message(key: BranchKey) -> Any:
    """Return a branch's full name."""
    return pb.Branch(repo=repo_message(key.repo), name=key.name)


def commit_message(key: CommitKey) -> Any:
    """Return a commit's full name, which has no branch in it."""
    return pb.Commit(repo=repo_message(key.repo), id=key.id)


def timestamp(nanoseconds: int | None) -> Any:
    """Return a point in time as precise as pachd keeps it, or None."""
    if nanoseconds is None:
        return None
    message = Timestamp()
    message.FromMicroseconds(nanoseconds // 1000)
    return message


def commit_info(store: Store, commit: Commit, *, listed: bool = False) -> Any:
    """Return all about a commit; only listings tell the upper bound of its size."""
    info = pb.CommitInfo(
        commit=commit_message(commit.key),
        origin=pb.CommitOrigin(kind=int(commit.origin)),
        description=commit.description,
        child_commits=[_relative(store, commit, child) for child in commit.children],
        started=timestamp(commit.started),
        finishing=timestamp(commit.finishing),
        finished=timestamp(commit.finished),
        direct_provenance=[_with_branch(store, key) for key in commit.provenance],
        error=commit.error if commit.finishing is not None else "",
        details=_details(commit),
    )
    if commit.parent is not None:
        parent = CommitKey(commit.key.repo, commit.parent)
        info.parent_commit.CopyFrom(commit_message(parent))
    if listed:
        info.size_bytes_upper_bound = size_upper_bound(store, commit)
    if commit.metadata:
        info.MergeFromString(_metadata_bytes(commit.metadata))
    return info


def _details(commit: Commit) -> Any:
    details = pb.CommitInfo.Details()
    if commit.tree is not None:
        details.size_bytes = tree_size(commit.tree)
        details.compacting_time.SetInParent()
        details.validating_time.SetInParent()
    return details


def _relative(store: Store, commit: Commit, identity: str) -> Any:
    return _with_branch(store, CommitKey(commit.key.repo, identity))


def _with_branch(store: Store, key: CommitKey) -> Any:
    """Return a related commit's name, which does have the branch in it."""
    message = commit_message(key)
    repo = store.repos.get(key.repo)
    known = repo.commits.get(key.id) if repo is not None else None
    if known is not None and known.branch is not None:
        message.branch.CopyFrom(branch_message(BranchKey(key.repo, known.branch)))
    return message


def _metadata_bytes(metadata: dict[str, str]) -> bytes:
    """Encode a map field that the message's own type does not have."""
    written = bytearray()
    for key, value in sorted(metadata.items()):
        entry = _field(1, key.encode()) + _field(2, value.encode())
        written += _field(_METADATA, entry)
    return bytes(written)


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:  # noqa: PLR2004
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def branch_info(
    branch: Branch, provenance: list[BranchKey], subvenance: list[BranchKey]
) -> Any:
    """Return all about a branch."""
    head = CommitKey(branch.key.repo, branch.head)
    return pb.BranchInfo(
        branch=branch_message(branch.key),
        head=commit_message(head),
        provenance=[branch_message(key) for key in provenance],
        subvenance=[branch_message(key) for key in subvenance],
        direct_provenance=[branch_message(key) for key in branch.provenance],
    )

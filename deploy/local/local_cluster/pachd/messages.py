"""Between pachd's records and its messages, in both directions.

A real pachd 2.11 leaves out what a reader would expect here and there (the branch
of a commit, sizes in some answers only); this is the place that leaves it out.

Clients ask for the same commits and branches over and over, and protobuf in pure
Python takes a millisecond to write one; so what was written is remembered, by all
that it tells.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from google.protobuf.timestamp_pb2 import Timestamp
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb

from local_cluster.pachd.errors import panic, repo_of_no_type
from local_cluster.pachd.records import (
    Branch,
    BranchKey,
    Commit,
    CommitKey,
    RepoKey,
    Trigger,
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

_REMEMBERED = 200_000
"""Messages, of a kilobyte each: what 5,000 trainings ask for in turn."""

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


class _Relative(NamedTuple):
    """A related commit's name, which does have the branch in it."""

    key: CommitKey
    branch: str | None

    def message(self) -> Any:
        message = commit_message(self.key)
        if self.branch is not None:
            branch = branch_message(BranchKey(self.key.repo, self.branch))
            message.branch.CopyFrom(branch)
        return message


class _Facts(NamedTuple):
    """All that a commit's message tells."""

    key: CommitKey
    origin: int
    description: str
    parent: str | None
    children: tuple[_Relative, ...]
    provenance: tuple[_Relative, ...]
    times: tuple[int | None, int | None, int | None]
    error: str
    size: int | None
    listed_size: int | None
    metadata: tuple[tuple[str, str], ...]


def commit_info(store: Store, commit: Commit, *, listed: bool = False) -> bytes:
    """Return all about a commit; only listings tell the upper bound of its size."""
    repo = commit.key.repo
    children = [CommitKey(repo, child) for child in commit.children]
    return _commit_bytes(
        _Facts(
            key=commit.key,
            origin=int(commit.origin),
            description=commit.description,
            parent=commit.parent,
            children=tuple(_relative(store, key) for key in children),
            provenance=tuple(_relative(store, key) for key in commit.provenance),
            times=(commit.started, commit.finishing, commit.finished),
            error=commit.error if commit.finishing is not None else "",
            size=None if commit.tree is None else tree_size(commit.tree),
            listed_size=size_upper_bound(store, commit) if listed else None,
            metadata=tuple(sorted(commit.metadata.items())),
        )
    )


@lru_cache(maxsize=_REMEMBERED)
def _commit_bytes(facts: _Facts) -> bytes:
    started, finishing, finished = map(timestamp, facts.times)
    info = pb.CommitInfo(
        commit=commit_message(facts.key),
        origin=pb.CommitOrigin(kind=facts.origin),
        description=facts.description,
        child_commits=[child.message() for child in facts.children],
        started=started,
        finishing=finishing,
        finished=finished,
        direct_provenance=[source.message() for source in facts.provenance],
        error=facts.error,
        details=_details(facts.size),
    )
    if facts.parent is not None:
        parent = CommitKey(facts.key.repo, facts.parent)
        info.parent_commit.CopyFrom(commit_message(parent))
    if facts.listed_size is not None:
        info.size_bytes_upper_bound = facts.listed_size
    written: bytes = info.SerializeToString()
    return written + _metadata_bytes(facts.metadata)


def _details(size: int | None) -> Any:
    details = pb.CommitInfo.Details()
    if size is not None:
        details.size_bytes = size
        details.compacting_time.SetInParent()
        details.validating_time.SetInParent()
    return details


def _relative(store: Store, key: CommitKey) -> _Relative:
    repo = store.repos.get(key.repo)
    known = repo.commits.get(key.id) if repo is not None else None
    return _Relative(key, known.branch if known is not None else None)


def _metadata_bytes(metadata: tuple[tuple[str, str], ...]) -> bytes:
    """Encode a map field that the message's own type does not have."""
    written = bytearray()
    for key, value in metadata:
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
) -> bytes:
    """Return all about a branch."""
    related = tuple(map(tuple, (provenance, subvenance, branch.provenance)))
    head = CommitKey(branch.key.repo, branch.head)
    return _branch_bytes(branch.key, head, branch.trigger, related)


@lru_cache(maxsize=_REMEMBERED)
def _branch_bytes(
    key: BranchKey,
    head: CommitKey,
    trigger: Trigger | None,
    related: tuple[tuple[BranchKey, ...], ...],
) -> bytes:
    provenance, subvenance, direct = related
    written: bytes = pb.BranchInfo(
        branch=branch_message(key),
        head=commit_message(head),
        provenance=[branch_message(each) for each in provenance],
        subvenance=[branch_message(each) for each in subvenance],
        direct_provenance=[branch_message(each) for each in direct],
        trigger=trigger and pb.Trigger(**trigger._asdict()),
    ).SerializeToString()
    return written

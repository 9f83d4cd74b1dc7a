"""What pachd says when it refuses: gRPC code and the words clients look for.

Most refusals carry the code UNKNOWN, so a client has to tell them apart by their
text. The texts therefore belong to the interface, and stand here side by side.
"""

from collections.abc import Iterable

import grpc

from local_cluster.pachd.records import BranchKey, CommitKey, RepoKey

__all__ = [
    "CommitOnOutputBranchError",
    "FileMissingError",
    "PfsError",
    "already_finished",
    "base_unfinished",
    "branch_in_use",
    "branch_missing",
    "child_unfinished",
    "commit_deleted",
    "commit_missing",
    "commit_set_missing",
    "drop_with_children",
    "has_subvenance",
    "invalid_name",
    "invalid_path",
    "no_role_binding",
    "nothing_to_walk",
    "panic",
    "parent_unfinished",
    "repo_exists",
    "repo_missing",
    "repo_of_no_type",
    "repos_in_one_graph",
    "squash_without_children",
    "unknown",
]

_CODE = grpc.StatusCode


class PfsError(Exception):
    """A refusal, as it travels to a gRPC client."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(details)
        self.code = code
        self.details = details

    def within(self, doing: str) -> "PfsError":
        """Say what pachd was doing when it came upon this."""
        return PfsError(self.code, f"{doing}: {self.details}")


class CommitOnOutputBranchError(PfsError):
    """A client starts a commit where pachd alone may: on a provenance branch."""

    def __init__(self, branch: BranchKey) -> None:
        super().__init__(
            _CODE.UNKNOWN, f"cannot start a commit on an output branch: {branch}"
        )


class FileMissingError(PfsError):
    """No file has this path in this commit."""

    def __init__(self, commit: CommitKey, path: str) -> None:
        where = f"in repo {commit.repo} at commit {commit.id}"
        super().__init__(_CODE.NOT_FOUND, f"file {path} not found {where}")


def nothing_to_walk(commit: CommitKey, path: str) -> PfsError:
    """Return what walking says, in words of its own, where no file is to be found."""
    where = f"commit/{commit.id} does not contain item"
    return PfsError(_CODE.NOT_FOUND, f"{where}: ({path.rstrip('/')})")


def unknown(details: str) -> PfsError:
    """Return the refusal that is nothing but its text."""
    return PfsError(_CODE.UNKNOWN, details)


def panic() -> PfsError:
    """Return what a crashed handler looks like from outside."""
    words = "panic: runtime error: invalid memory address or nil pointer dereference"
    return PfsError(_CODE.ABORTED, words)


def invalid_name(name: str) -> PfsError:
    """Return the refusal of a name for a repo or a branch."""
    allowed = "only alphanumeric characters, underscores, and dashes are allowed"
    return unknown(f"name ({name}) invalid: {allowed}")


def invalid_path(path: str, why: str) -> PfsError:
    """Return the refusal of a path that no file can have."""
    return unknown(f"path ({path}) invalid: {why}")


def repo_exists(repo: RepoKey) -> PfsError:
    """Return the refusal of a second repo of one name."""
    return PfsError(_CODE.ALREADY_EXISTS, f"repo {repo} already exists")


def repo_missing(repo: RepoKey) -> PfsError:
    """Return the refusal for a repo that does not exist."""
    return PfsError(_CODE.NOT_FOUND, f"repo {repo} not found")


def no_role_binding(repo: RepoKey) -> PfsError:
    """Return what is said of a missing repo where rights are looked up first."""
    return unknown(f"no role binding exists for REPO {repo}")


def repo_of_no_type(kind: str) -> PfsError:
    """Return what Postgres says about a repo type that it does not know."""
    return unknown(
        "scanning repo row: ERROR: invalid input value for enum pfs.repo_type: "
        f'"{kind}" (SQLSTATE 22P02)'
    )


def branch_missing(branch: BranchKey) -> PfsError:
    """Return the refusal for a branch that does not exist."""
    return PfsError(
        _CODE.NOT_FOUND,
        f"branch (id=0, branch={branch}) not found\n"
        f'branch "{branch.name}" not found in repo {branch.repo}',
    )


def branch_in_use(branch: BranchKey, users: Iterable[BranchKey]) -> PfsError:
    """Return the refusal to delete a branch that others descend from."""
    names = " ".join(str(user) for user in users)
    return unknown(
        f'branch "{branch}" cannot be deleted because it\'s in the direct '
        f"provenance of [{names}]"
    )


def repos_in_one_graph(repo: RepoKey) -> PfsError:
    """Return the refusal of two branches of one repo in one provenance graph."""
    return unknown(
        "validate DAG at end of transaction: multiple branches from the same repo, "
        f'"{repo}", cannot participate in a DAG'
    )


def commit_missing(commit: CommitKey) -> PfsError:
    """Return the refusal for a commit that was never made, or is gone."""
    return PfsError(_CODE.NOT_FOUND, f"commit {commit} not found")


def commit_set_missing(identity: str) -> PfsError:
    """Return the refusal for a commit set without commits."""
    return PfsError(_CODE.NOT_FOUND, f"no commits found for commitset {identity}")


def already_finished(commit: CommitKey) -> PfsError:
    """Return the refusal to write to a finished commit: the fence."""
    return unknown(f"commit {commit} has already finished")


def parent_unfinished(parent: CommitKey) -> PfsError:
    """Return the refusal of a second open commit on a branch."""
    return unknown(
        f"start commit in transaction: parent commit {parent} has not been finished"
    )


def base_unfinished(base: CommitKey, commit: CommitKey) -> PfsError:
    """Return the refusal to read a commit whose ancestors are still open."""
    return unknown(f"base commit {base} for commit {commit} unfinished")


def squash_without_children(commit: CommitKey) -> PfsError:
    """Return the refusal to squash the last commit of a line."""
    return unknown(
        "cannot squash a commit that has no children as that would cause data loss, "
        f"use the drop operation instead: {commit}"
    )


def drop_with_children(commit: CommitKey) -> PfsError:
    """Return the refusal to drop a commit that others build on."""
    return unknown(f"cannot drop a commit that has children: {commit}")


def child_unfinished(child: CommitKey, *, is_closed: bool) -> PfsError:
    """Return the refusal to squash a commit on which another is still built."""
    advice = ", consider using WaitCommit" if is_closed else ""
    return unknown(f"cannot squash until child commit {child} is finished{advice}")


def commit_deleted(commit: CommitKey) -> PfsError:
    """Return what whoever waits for a commit is told when it is removed."""
    return unknown(
        "inspect commitHandle: inspect finishing or finished commit: "
        f"commit {commit} was deleted"
    )


def has_subvenance(identity: str, others: Iterable[str]) -> PfsError:
    """Return the refusal to remove a commit that results were made from."""
    sets = " ".join(f'id:"{other}"' for other in others)
    return unknown(
        f'commit set "id:\\"{identity}\\"" cannot be dropped because it has '
        f"subvenant commit sets: [{sets}]"
    )

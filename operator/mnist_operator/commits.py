"""The nouns of Pachyderm, as plain values.

A repo holds branches, a branch points at its head, a commit has a parent and
files. These are what the rest of the operator talks about; only the package
``pachyderm`` knows how they travel.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

__all__ = ["Branch", "Commit", "CommitState", "File", "Repo", "say_finish"]


class CommitState(StrEnum):
    """How far a commit has come; only a finished one can be trusted."""

    OPEN = "Open"
    """Someone may still write to it."""

    FINISHING = "Finishing"
    """Closed to writers; pachd is still compacting and validating it."""

    FINISHED = "Finished"
    """Immutable and whole."""

    ERRORED = "Errored"
    """Finished with an error: its writer gave up, or pachd found a fault."""


@dataclass(frozen=True, slots=True)
class Repo:
    """A repo of the type "user", in its project."""

    project: str
    name: str

    def __str__(self) -> str:
        """Write it as pachd does in its messages."""
        return f"{self.project}/{self.name}"


@dataclass(frozen=True, slots=True)
class Branch:
    """A name for a head that moves."""

    repo: Repo
    name: str

    def __str__(self) -> str:
        """Write it as pachctl takes it."""
        return f"{self.repo}@{self.name}"


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit, as pachd told it at one moment."""

    id: str
    repo: Repo
    parent: str | None
    description: str
    started: datetime
    finishing: datetime | None = None
    finished: datetime | None = None
    error: str = ""
    provenance: tuple[tuple[Repo, str], ...] = ()
    """The commits that pachd itself says it was made of, by repo and ID."""
    is_blank: bool = False
    """Whether pachd made it, with nothing in it, for a branch without a commit."""
    # Unhashable, and an index that anyone may edit: no part of the identity.
    metadata: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        """Write it as pachctl takes it."""
        return f"{self.repo}@{self.id}"

    def held_open(self, branch: Branch) -> str:
        """What to tell of a stranger's open head, and how to get past it."""
        return (
            f"commit {self.id} on {branch} is held open by somebody else since"
            f" {self.started:%Y-%m-%d %H:%M} UTC; {say_finish(self.repo, self.id)}"
        )

    @property
    def state(self) -> CommitState:
        """How far it has come."""
        if self.finished is not None:
            return CommitState.ERRORED if self.error else CommitState.FINISHED
        if self.finishing is not None:
            return CommitState.FINISHING
        return CommitState.OPEN


def say_finish(repo: Repo, commit: str) -> str:
    """What to do about a commit that somebody left open, with the command."""
    project = f" --project {repo.project}" if repo.project != "default" else ""
    command = f"pachctl finish commit {repo.name}@{commit}{project}"
    return f"finish it ({command}), or drop it"


@dataclass(frozen=True, slots=True)
class File:
    """One file of a commit; the hash is pachd's own, in hexadecimal."""

    path: str
    size: int
    hash: str

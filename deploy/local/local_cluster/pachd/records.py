"""What pachd remembers: repos, branches, commits, and how they lie on disk."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple, Self

__all__ = [
    "Branch",
    "BranchKey",
    "Change",
    "Changes",
    "Commit",
    "CommitKey",
    "Content",
    "Origin",
    "Part",
    "Repo",
    "RepoKey",
    "Tree",
    "Trigger",
    "changes_from_json",
    "changes_to_json",
]


class Part(NamedTuple):
    """A piece of a file: a reference to a blob, never the bytes themselves."""

    digest: str
    size: int


Content = tuple[Part, ...]
"""A file's content, in order. Appending adds a part and copies nothing."""

Tree = dict[str, Content]
"""All files of a commit by their absolute path."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a commit or a file set does to one path."""

    replace: bool = False
    """Forget what the path held before."""

    content: Content | None = None
    """What is appended; None when nothing is written."""


Changes = dict[str, Change]


class Origin(IntEnum):
    """Who made a commit; numbered as in the protocol."""

    USER = 1
    AUTO = 2


class RepoKey(NamedTuple):
    """The name of a repo. Only repos of type "user" are kept here."""

    project: str
    name: str

    def __str__(self) -> str:
        return f"{self.project}/{self.name}"


class BranchKey(NamedTuple):
    """The name of a branch."""

    repo: RepoKey
    name: str

    def __str__(self) -> str:
        return f"{self.repo}@{self.name}"


class CommitKey(NamedTuple):
    """The name of a commit; commits of one transaction share the id."""

    repo: RepoKey
    id: str

    def __str__(self) -> str:
        return f"{self.repo}@{self.id}"


def _repo_key(value: list[str]) -> RepoKey:
    return RepoKey(*value)


class Trigger(NamedTuple):
    """When pachd moves a branch by itself: each so many commits of another one."""

    branch: str
    commits: int


@dataclass(slots=True)
class Branch:
    """A movable name for a commit, and what its commits are made from."""

    key: BranchKey
    order: int
    head: str
    provenance: list[BranchKey] = field(default_factory=list)
    trigger: Trigger | None = None

    def to_json(self) -> dict[str, Any]:
        """Return this branch as it is stored."""
        return {
            "repo": list(self.key.repo),
            "name": self.key.name,
            "order": self.order,
            "head": self.head,
            "provenance": [[list(k.repo), k.name] for k in self.provenance],
            "trigger": self.trigger,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Return the branch that was stored."""
        return cls(
            BranchKey(_repo_key(value["repo"]), value["name"]),
            value["order"],
            value["head"],
            [BranchKey(_repo_key(r), n) for r, n in value["provenance"]],
            None if not (trigger := value.get("trigger")) else Trigger(*trigger),
        )


@dataclass(slots=True)
class Commit:
    """A set of changes on top of a parent; times are nanoseconds, None: not yet."""

    key: CommitKey
    order: int
    origin: Origin
    started: int
    branch: str | None
    """The branch it was made on; None once that branch was deleted."""

    description: str = ""
    parent: str | None = None
    children: list[str] = field(default_factory=list)
    provenance: list[CommitKey] = field(default_factory=list)
    finishing: int | None = None
    finished: int | None = None
    error: str = ""
    changes: Changes = field(default_factory=dict)
    written: int = 0
    """All bytes ever written to it, those overwritten too."""

    tree: Tree | None = None
    """All its files, once it has finished; unset when it was given up."""

    metadata: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return this commit as it is stored."""
        plain = ("order", "started", "branch", "description", "parent", "children")
        more = ("finishing", "finished", "error", "written", "tree", "metadata")
        return {name: getattr(self, name) for name in plain + more} | {
            "repo": list(self.key.repo),
            "id": self.key.id,
            "origin": int(self.origin),
            "provenance": [[list(key.repo), key.id] for key in self.provenance],
            "changes": changes_to_json(self.changes),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Return the commit that was stored."""
        tree = value.pop("tree")
        return cls(
            key=CommitKey(_repo_key(value.pop("repo")), value.pop("id")),
            origin=Origin(value.pop("origin")),
            provenance=[CommitKey(_repo_key(r), i) for r, i in value.pop("provenance")],
            changes=changes_from_json(value.pop("changes")),
            tree=None if tree is None else {p: _content(c) for p, c in tree.items()},
            **value,
        )


@dataclass(slots=True)
class Repo:
    """A repo with its branches and commits, both in the order of their making."""

    key: RepoKey
    created: int
    description: str = ""
    branches: dict[str, Branch] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return this repo as it is stored, without branches and commits."""
        return {
            "key": list(self.key),
            "created": self.created,
            "description": self.description,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Return the repo that was stored, still without branches and commits."""
        return cls(_repo_key(value["key"]), value["created"], value["description"])


def _content(parts: list[list[Any]]) -> Content:
    return tuple(Part(digest, size) for digest, size in parts)


def changes_to_json(changes: Changes) -> dict[str, Any]:
    """Return changes as they are stored."""
    return {path: [c.replace, c.content] for path, c in changes.items()}


def changes_from_json(value: dict[str, Any]) -> Changes:
    """Return the changes that were stored."""
    return {
        path: Change(replace, None if parts is None else _content(parts))
        for path, (replace, parts) in value.items()
    }

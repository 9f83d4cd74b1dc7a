"""What a user may write for a model, and what it can mean. Pure."""

import re
from dataclasses import dataclass

from mnist_operator.commits import Branch, Repo

__all__ = ["Reference", "is_prefix", "is_whole", "parse_reference"]

_NAME = r"[a-zA-Z0-9_-]+"
_REFERENCE = re.compile(
    rf"(?:(?P<project>{_NAME})/)?(?P<repo>{_NAME})"
    rf"@(?P<name>{_NAME})(?:=(?P<commit>[0-9a-fA-F]{{1,32}}))?"
)
_PREFIX = re.compile(r"[0-9a-fA-F]{1,32}")
_ID_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Reference:
    """A branch, a commit, or a word that may be either: then the branch wins."""

    repo: Repo
    branch: str | None
    """The branch that is meant, if it is one."""
    commit: str | None
    """The commit's ID or the beginning of it, if it is one."""
    walk: Branch
    """Where the rest of an ID is looked for: Pachyderm finds only whole ones."""


def is_whole(commit: str) -> bool:
    """Whether it is an ID rather than the beginning of one."""
    return len(commit) == _ID_DIGITS


def is_prefix(text: str) -> bool:
    """Whether a commit's ID can begin so."""
    return _PREFIX.fullmatch(text) is not None


def parse_reference(text: str | None, default: Branch) -> Reference:
    """Read what was asked for; what it leaves open comes from the default.

    Raises:
        ValueError: Nothing can be meant by it; the message says what could.
    """
    if text is None:
        return Reference(default.repo, default.name, None, default)
    if _PREFIX.fullmatch(text):
        return Reference(default.repo, None, text.lower(), default)
    parts = _REFERENCE.fullmatch(text)
    if parts is None:
        raise ValueError(
            f"{text!r} names no model; write repo@branch, project/repo@branch,"
            " repo@commit, or a commit's ID or the beginning of it"
        )
    repo = Repo(parts["project"] or default.repo.project, parts["repo"])
    name, commit = parts["name"], parts["commit"]
    if commit is not None:
        return Reference(repo, None, commit.lower(), Branch(repo, name))
    walk = Branch(repo, default.name)
    if not _PREFIX.fullmatch(name):
        return Reference(repo, name, None, walk)
    return Reference(repo, None if is_whole(name) else name, name.lower(), walk)

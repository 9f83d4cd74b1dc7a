"""What is known of a commit on the output branch that is not the operator's. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from mnist_operator.commits import Commit, CommitState, File
from mnist_operator.foreign import plain
from mnist_operator.lineage import read_model
from mnist_operator.status import timestamp

__all__ = ["SHOWN", "Contents", "is_foreign", "tell_stranger"]

SHOWN = 3
"""So many of them are told, the newest ones."""
_FILES_SHOWN = 3
_NAME_CHARACTERS = 100
_DESCRIPTION_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Contents:
    """The files of a commit, and those of its parent, which it has inherited."""

    files: Sequence[File] = ()
    inherited: Sequence[File] = ()


def is_foreign(commit: Commit) -> bool:
    """Whether it is finished, and nothing that the operator wrote."""
    return commit.state is CommitState.FINISHED and read_model(commit) is None


def tell_stranger(commit: Commit, contents: Contents | None) -> str:
    """When it came, what it says of itself, and which files are its own.

    What is quoted is somebody else's: a line of it, and that is made safe.
    """
    ended = commit.finished or commit.started
    parts = (
        f"{commit.id}, finished {timestamp(ended)}",
        _tell_files(contents),
        _tell_description(commit.description),
    )
    return ", ".join(parts)


def _tell_description(text: str) -> str:
    lines = plain(text, len(text)).strip().splitlines()
    if not lines:
        return "no description"
    first = lines[0]
    more = len(lines) > 1 or len(first) > _DESCRIPTION_CHARACTERS
    return f'described "{first[:_DESCRIPTION_CHARACTERS]}{"…" if more else ""}"'


def _tell_files(contents: Contents | None) -> str:
    """Those that it added or changed, and how many it took away."""
    if contents is None:
        return "its files cannot be listed"
    before = {each.path: each.hash for each in contents.inherited}
    own = [e.path for e in contents.files if before.get(e.path) != e.hash]
    gone = len(before.keys() - {each.path for each in contents.files})
    told = [_count(own)]
    if gone:
        told.append(f"{gone} of those before it deleted")
    return ", ".join(told)


def _count(paths: Sequence[str]) -> str:
    if not paths:
        return "no file of its own"
    count = "1 file" if len(paths) == 1 else f"{len(paths)} files"
    names = ", ".join(plain(each, _NAME_CHARACTERS) for each in paths[:_FILES_SHOWN])
    return f"{count}: {names}{', …' if len(paths) > _FILES_SHOWN else ''}"

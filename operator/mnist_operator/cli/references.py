"""What a user may write for a model or a commit, and what it can mean. Pure."""

import re
from dataclasses import dataclass, replace

from mnist_operator.commits import Branch, Repo

__all__ = ["Job", "Reference", "is_prefix", "is_whole", "parse_reference"]

_NAME = r"[a-zA-Z0-9_-]+"
_REFERENCE = re.compile(
    rf"(?:(?P<project>{_NAME})/)?(?P<repo>{_NAME})"
    rf"@(?P<name>{_NAME})(?:=(?P<commit>[0-9a-fA-F]{{1,32}}))?"
)
_PREFIX = re.compile(r"[0-9a-fA-F]{1,32}")
_BACK = re.compile(r"(?P<base>[^^]+)\^(?:(?P<number>[0-9]{1,6})|(?P<more>\^*))")
_JOB = re.compile(
    r"tfjob/(?:(?P<namespace>[a-z0-9-]+)/)?"
    r"(?P<name>(?P<training>[a-z0-9][a-z0-9.-]*)-(?P<run>[0-9a-f]{12}))"
)
_ID_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Job:
    """A TFJob, by the name that the operator gave it."""

    namespace: str
    """Empty where none was named: it is looked for in all of them."""
    name: str
    training: str
    run: str
    """The beginning of its staging commit's ID."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A branch, a commit, a word that may be either (the branch wins), or a TFJob."""

    repo: Repo
    branch: str | None
    """The branch that is meant, if it is one."""
    commit: str | None
    """The commit's ID or the beginning of it, if it is one."""
    walk: Branch
    """Where the rest of an ID is looked for: Pachyderm finds only whole ones."""
    back: int = 0
    """So many models before that one; of a repo without models, so many commits."""
    job: Job | None = None
    runs: tuple[Repo, ...] = ()
    """Where its runs and ledgers can be, the likeliest first."""


def is_whole(commit: str) -> bool:
    """Whether it is an ID rather than the beginning of one."""
    return len(commit) == _ID_DIGITS


def is_prefix(text: str) -> bool:
    """Whether a commit's ID can begin so."""
    return _PREFIX.fullmatch(text) is not None


def parse_reference(
    text: str | None, default: Branch, *, run_repo: str = ""
) -> Reference:
    """Read what was asked for; what it leaves open comes from the default.

    Without a run repo's name, a repo's runs are where the operator has them unless
    it is told otherwise: in the repo of the same name and ``_runs``.

    Raises:
        ValueError: Nothing can be meant by it; the message says what could.
    """
    steps = _BACK.fullmatch(text or "")
    if steps is None:
        found = _parse(text, default)
    else:
        back = int(steps["number"] or 1 + len(steps["more"] or ""))
        found = replace(_parse(steps["base"], default), back=back)
    return replace(found, runs=_runs(found.repo, default.repo, run_repo))


def _parse(text: str | None, default: Branch) -> Reference:
    if text is None:
        return Reference(default.repo, default.name, None, default)
    if _PREFIX.fullmatch(text):
        return Reference(default.repo, None, text.lower(), default)
    if job := _JOB.fullmatch(text):
        named = Job(job["namespace"] or "", job["name"], job["training"], job["run"])
        return Reference(default.repo, None, None, default, job=named)
    parts = _REFERENCE.fullmatch(text)
    if parts is None:
        raise ValueError(_explain(text))
    repo = Repo(parts["project"] or default.repo.project, parts["repo"])
    name, commit = parts["name"], parts["commit"]
    if commit is not None:
        return Reference(repo, None, commit.lower(), Branch(repo, name))
    walk = Branch(repo, default.name)
    if not _PREFIX.fullmatch(name):
        return Reference(repo, name, None, walk)
    return Reference(repo, None if is_whole(name) else name, name.lower(), walk)


def _explain(text: str) -> str:
    if text.startswith("tfjob/"):
        return (
            f"{text!r} names no TFJob of a run; write tfjob/NAME, where NAME is the"
            " training's name and the first 12 digits of the run's staging commit"
        )
    return (
        f"{text!r} names no model; write repo@branch, project/repo@branch,"
        " repo@commit, a commit's ID or the beginning of it, tfjob/NAME, or a folder"
        " that a model was downloaded to; ^ or ^N behind it means 1 or N before"
    )


def _runs(repo: Repo, default: Repo, run_repo: str) -> tuple[Repo, ...]:
    if run_repo:
        return (Repo(default.project, run_repo),)
    found = [Repo(each.project, f"{each.name}_runs") for each in (repo, default)]
    return tuple(dict.fromkeys(found))

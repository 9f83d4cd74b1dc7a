"""Which input commit a user means, in a MnistTraining's own input repo.

The status names the newest ones, so that most questions need no Pachyderm.
"""

import re
from collections.abc import Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import click

from mnist_operator.cli.act.outcomes import known_commits
from mnist_operator.cli.failures import NotThereError
from mnist_operator.cli.statements import dig
from mnist_operator.commits import Branch, Commit, Repo

if TYPE_CHECKING:
    from mnist_operator.pachyderm import Pachyderm

__all__ = ["find_commit"]

_WHOLE = re.compile(r"[0-9a-fA-F]{32}")
_BEGINNING = re.compile(r"[0-9a-fA-F]{1,31}")
_SHOWN = 10
_CERTAIN_DIGITS = 12
"""So many are not shared by two commits: the walk may end at the first."""
_NAME = r"[a-zA-Z0-9_-]+"
_REFERENCE = re.compile(
    rf"(?:(?:(?P<project>{_NAME})/)?(?P<repo>{_NAME})@)?(?P<name>{_NAME})"
    r"(?:\^(?P<back>\d{0,6}))?"
)


async def find_commit(
    body: Mapping[str, Any], wanted: str, of_pachd: Mapping[str, Any]
) -> str:
    """The whole ID of what was asked for: an ID, its beginning, or repo@branch^.

    Raises:
        NotThereError: There is no such commit, or there are several.
    """
    if _WHOLE.fullmatch(wanted):
        return wanted.lower()
    if _BEGINNING.fullmatch(wanted):
        known = [each for each in known_commits(body) if _begins(each, wanted)]
        if len(known) == 1:
            return known[0]
        if known:
            shown = ", ".join(known[:_SHOWN])
            line = f"{wanted} is the beginning of {len(known)} commits: give more"
            raise NotThereError(f"{line} digits ({shown})")
    return await _ask_pachyderm(body, wanted, of_pachd)


def _begins(commit: str, wanted: str) -> bool:
    return commit.startswith(wanted.lower())


async def _ask_pachyderm(
    body: Mapping[str, Any], wanted: str, of_pachd: Mapping[str, Any]
) -> str:
    branch = _input_branch(body)
    parts = _REFERENCE.fullmatch(wanted)
    if parts is None:
        raise click.UsageError(
            f"--commit: {wanted!r} names no commit; write its ID or the beginning of"
            " it, or repo@branch^ for the one before the head"
        )
    repo = Repo(parts["project"] or branch.repo.project, parts["repo"] or "")
    if parts["repo"] and repo != branch.repo:
        line = f"--commit: {wanted!r} is in repo {repo}, and what is trained on"
        raise click.UsageError(f"{line} comes from {branch.repo}")
    # gRPC takes its time to be imported, and most requests need none of it.
    from mnist_operator.cli.inquiries import connect  # noqa: PLC0415
    from mnist_operator.cli.reach import reach  # noqa: PLC0415

    back = parts["back"]
    steps = 0 if back is None else int(back or 1)
    async with reach(connect(of_pachd)) as client:
        start = await _find(client, branch, parts["name"])
        return await _go_back(client, start, steps, wanted)


def _input_branch(body: Mapping[str, Any]) -> Branch:
    place = dig(body, "spec", "input") or {}
    repo = Repo(place.get("project", "default"), place.get("repo", "inputrepo"))
    return Branch(repo, place.get("branch", "master"))


async def _find(client: "Pachyderm", branch: Branch, name: str) -> Commit:
    """A branch's head, or the one commit of the followed branch that begins so."""
    head = await client.head(Branch(branch.repo, name))
    if head is not None:
        return head
    is_beginning = _BEGINNING.fullmatch(name) or _WHOLE.fullmatch(name)
    found = await _beginning_with(client, branch, name) if is_beginning else []
    if len(found) == 1:
        return found[0]
    if found:
        shown = ", ".join(each.id for each in found[:_SHOWN])
        line = f"{name} is the beginning of {len(found)} commits on {branch}"
        raise NotThereError(f"{line}: give more digits ({shown})")
    raise NotThereError(
        f"{branch.repo}@{name} is neither a branch with commits nor a commit on"
        f" {branch}: pachctl list commit {branch} shows what is there"
    )


async def _beginning_with(
    client: "Pachyderm", branch: Branch, wanted: str
) -> list[Commit]:
    """Every commit on the branch whose ID begins so; costs 10 ms a commit."""
    found: list[Commit] = []
    async with aclosing(client.history(branch.repo, branch)) as walk:
        async for commit in walk:
            if _begins(commit.id, wanted):
                found.append(commit)
                if len(wanted) >= _CERTAIN_DIGITS:
                    break
    return found


async def _go_back(client: "Pachyderm", start: Commit, steps: int, wanted: str) -> str:
    if steps == 0:
        return start.id
    walk = client.history(start.repo, start.id, page=min(steps + 1, 50))
    passed = 0
    async with aclosing(walk) as history:
        async for commit in history:
            if passed == steps:
                return commit.id
            passed += 1
    raise NotThereError(f"{wanted}: there are only {passed - 1} commits before that")

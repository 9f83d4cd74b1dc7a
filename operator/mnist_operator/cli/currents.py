"""The model that a branch has, or had: the branch says so, no index does."""

from contextlib import aclosing
from dataclasses import replace
from datetime import datetime

from mnist_operator.cli.absences import explain_absence
from mnist_operator.cli.failures import NotThereError
from mnist_operator.cli.index import Index, Row
from mnist_operator.cli.indexes import read_index
from mnist_operator.cli.models import Found, is_current, published
from mnist_operator.cli.references import Reference
from mnist_operator.cli.statements import dig, read_statement
from mnist_operator.commits import Branch, Commit
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.status import timestamp

__all__ = ["find_current"]

_NEAR, _FAR = 5, 50
"""Commits in a page: the current model is at the head or close to it."""
_TRIES = 3
"""Of models that a ledger names, before the branch alone is believed."""


async def find_current(
    client: Pachyderm, reference: Reference, at: datetime | None
) -> Found:
    """The newest model of a branch; with a time, the newest that was finished then.

    Raises:
        NotThereError: There is none.
    """
    branch = Branch(reference.repo, reference.branch or "")
    if at is None:
        return await _walk(client, branch, None, None)
    index = await read_index(client, reference.runs)
    start = await _find_start(client, branch, index, at)
    found = await _walk(client, branch, start, at)
    moved = await _tell_moved(client, branch, index, found, at)
    return replace(found, notes=(*found.notes, *moved))


async def _walk(
    client: Pachyderm, branch: Branch, start: Commit | None, at: datetime | None
) -> Found:
    """Down from a commit, or from the head."""
    passed: list[Commit] = []
    oldest: Commit | None = None
    walked = 0
    walk = client.history(
        branch.repo,
        start.id if start else branch,
        page=_FAR if at is not None and start is None else _NEAR,
    )
    async with aclosing(walk) as history:
        async for commit in history:
            walked += 1
            model = published(commit)
            if model is not None and is_current(commit, at):
                notes = _tell_walked(branch, at, 0 if start else walked)
                return Found(commit, model, str(branch), tuple(passed), notes)
            if model is not None:
                oldest = commit
            elif at is None or commit.started <= at:
                passed.append(commit)
    if oldest is not None and oldest.finished is not None and at is not None:
        raise NotThereError(
            f"no model was current at {timestamp(at)}: the first one on {branch},"
            f" {oldest.id}, was finished at {timestamp(oldest.finished)}"
        )
    raise NotThereError(await explain_absence(client, branch))


async def _find_start(
    client: Pachyderm, branch: Branch, index: Index, at: datetime
) -> Commit | None:
    """The first model that is too new, by the ledgers: what is wanted lies below it.

    None where none is known to be: the walk begins at the head then, which is near
    unless the ledgers are lost.
    """
    for row in index.after(at)[:_TRIES]:
        commit = await _open(client, branch, row)
        if commit is not None and not is_current(commit, at):
            return commit
    return None


async def _tell_moved(
    client: Pachyderm, branch: Branch, index: Index, found: Found, at: datetime
) -> tuple[str, ...]:
    """A newer model of that time, which the branch has lost since."""
    newest = found.commit.finished or found.commit.started
    between = [row for row in index.until(at) if row.entry.time > newest]
    for row in reversed(between[-_TRIES:]):
        commit = await _open(client, branch, row)
        if commit is not None and is_current(commit, at) and commit != found.commit:
            told = (
                f"{commit} is newer, was finished by then, and is not on {branch} any"
                " more: somebody moved the branch"
            )
            return (told,)
    return ()


async def _open(client: Pachyderm, branch: Branch, row: Row) -> Commit | None:
    """The model that a ledger names, if it was published for this branch.

    pachd does not tell on which branch a commit is; its record does.
    """
    commit = await client.commit(branch.repo, row.entry.output)
    if commit is None or published(commit) is None:
        return None
    content = await client.read(branch.repo, commit.id, LINEAGE_FILE)
    spec = dig(read_statement(content).asked, "spec", "output")
    place = tuple(dig(spec, key) for key in ("project", "repo", "branch"))
    wanted = (branch.repo.project, branch.repo.name, branch.name)
    return commit if place == wanted else None


def _tell_walked(branch: Branch, at: datetime | None, walked: int) -> tuple[str, ...]:
    if at is None or walked <= _FAR:
        return ()
    told = (
        f"the ledgers do not know what was published after {timestamp(at)}:"
        f" {walked} commits of {branch} were looked at"
    )
    return (told,)

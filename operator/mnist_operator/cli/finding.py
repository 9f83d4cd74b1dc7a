"""Which commit is meant: the questions to Pachyderm that a reference leads to.

A branch is asked itself. For a time, or for the beginning of an ID, the ledgers say
where to look, and what is found there is looked at: a branch is walked only where
they do not know, and that is said.
"""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime

from mnist_operator.cli.absences import explain_absence
from mnist_operator.cli.currents import find_current
from mnist_operator.cli.failures import NotThereError
from mnist_operator.cli.job_models import find_job_model
from mnist_operator.cli.models import Found, explain_refusal, published
from mnist_operator.cli.prefixes import find_one
from mnist_operator.cli.references import Reference
from mnist_operator.commits import Branch, Commit, CommitState
from mnist_operator.pachyderm import Pachyderm

__all__ = ["find_commit", "find_model"]

_PAGE = 5


async def find_model(
    client: Pachyderm, reference: Reference, *, at: datetime | None = None
) -> Found:
    """Find the model that is meant; on a branch, the newest one, or that of a time.

    Raises:
        NotThereError: There is none; the message says why.
    """
    found = await _find_base(client, reference, at)
    if not reference.back:
        return found
    older = await _step_back(
        client, found.commit, reference.back, lambda each: published(each) is not None
    )
    model = published(older) if older else None
    if older is None or model is None:
        raise NotThereError(_explain_end(found.commit, reference.back, "models"))
    return replace(found, commit=older, model=model, passed=())


async def find_commit(
    client: Pachyderm, reference: Reference, *, at: datetime | None = None
) -> Commit:
    """Find any commit that is meant, an input commit above all.

    On a branch it is the newest one that is finished without an error, or that was
    at a time; ``^N`` counts only such commits.

    Raises:
        NotThereError: There is none; the message says why.
    """
    commit = await _find_any(client, reference, at)
    if not reference.back:
        return commit
    older = await _step_back(client, commit, reference.back, _is_good)
    if older is None:
        raise NotThereError(_explain_end(commit, reference.back, "finished commits"))
    return older


async def _find_base(
    client: Pachyderm, reference: Reference, at: datetime | None
) -> Found:
    if reference.job is not None:
        return await find_job_model(client, reference, reference.job)
    if await _means_branch(client, reference, at):
        return await find_current(client, reference, at)
    commit, notes = await find_one(client, reference)
    model = published(commit)
    if model is None:
        raise NotThereError(explain_refusal(commit))
    return Found(commit, model, notes=notes)


async def _find_any(
    client: Pachyderm, reference: Reference, at: datetime | None
) -> Commit:
    if reference.job is not None:
        return (await find_job_model(client, reference, reference.job)).commit
    if not await _means_branch(client, reference, at):
        return (await find_one(client, reference))[0]
    branch = Branch(reference.repo, reference.branch or "")
    walk = client.history(branch.repo, branch, page=_PAGE)
    async with aclosing(walk) as history:
        async for commit in history:
            if _is_good(commit) and (at is None or _is_by(commit, at)):
                return commit
    what = "finished commit" if at is None else "commit that was finished then"
    raise NotThereError(await explain_absence(client, branch, what=what))


async def _means_branch(
    client: Pachyderm, reference: Reference, at: datetime | None
) -> bool:
    """A word that may be either is a branch if there is one, or a time is asked."""
    if reference.branch is None:
        return False
    if reference.commit is None or at is not None:
        return True
    return await client.branch_exists(Branch(reference.repo, reference.branch))


async def _step_back(
    client: Pachyderm, commit: Commit, count: int, counts: Callable[[Commit], bool]
) -> Commit | None:
    """The commit so many before another, of those that count."""
    if commit.parent is None:
        return None
    page = min(count + _PAGE, 50)
    left = count
    async with aclosing(client.history(commit.repo, commit.parent, page=page)) as walk:
        async for older in walk:
            left -= counts(older)
            if not left:
                return older
    return None


def _is_good(commit: Commit) -> bool:
    return commit.state is CommitState.FINISHED


def _is_by(commit: Commit, at: datetime) -> bool:
    finished = commit.finished
    return finished is not None and finished.replace(microsecond=0) <= at


def _explain_end(commit: Commit, count: int, things: str) -> str:
    return f"there are no {count} {things} before {commit}"

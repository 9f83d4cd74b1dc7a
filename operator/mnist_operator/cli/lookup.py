"""The questions to Pachyderm: which commit is meant, and what is in it."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from datetime import datetime

from mnist_operator import places
from mnist_operator.cli.attempts import Walked
from mnist_operator.cli.failures import NoAnswerError
from mnist_operator.cli.models import Found, explain_refusal, is_current, published
from mnist_operator.cli.references import Reference, is_whole
from mnist_operator.commits import Branch, Commit, File
from mnist_operator.ledger import LEDGER_FILE
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt, read_attempt
from mnist_operator.status import timestamp

__all__ = [
    "find_model",
    "newest_attempts",
    "newest_commits",
    "read_ledger",
    "read_record",
]

_CERTAIN_DIGITS = 12
"""So many are not shared by two commits: the walk may end at the first."""
_CANDIDATES_SHOWN = 10
_NEAR, _FAR = 5, 50
"""Commits in a page: the current model is at the head or close to it."""
_LEDGER_LIMIT = 256 * 1024 * 1024


async def find_model(
    client: Pachyderm, reference: Reference, *, at: datetime | None = None
) -> Found:
    """Find the model that is meant; on a branch, the newest one, or that of a time.

    Raises:
        NoAnswerError: There is none; the message says why.
    """
    branch = Branch(reference.repo, reference.branch) if reference.branch else None
    if branch is not None:
        only_branch = reference.commit is None or at is not None
        if only_branch or await client.branch_exists(branch):
            return await _current(client, branch, at)
    commit = await _one(client, reference)
    model = published(commit)
    if model is None:
        raise NoAnswerError(explain_refusal(commit))
    return Found(commit, model)


async def read_record(
    client: Pachyderm, commit: Commit
) -> tuple[bytes | None, list[File]]:
    """lineage.json, if the commit has one, and the list of all its files."""
    content = await client.read(commit.repo, commit.id, LINEAGE_FILE)
    return content, await client.files(commit.repo, commit.id)


async def read_ledger(client: Pachyderm, branch: Branch) -> bytes:
    """The ledger's lines; none where no operator has written any."""
    head = await client.branch_head_id(branch)
    if head is None:
        return b""
    content = await client.read(branch.repo, head, LEDGER_FILE, limit=_LEDGER_LIMIT)
    return content or b""


async def newest_commits(client: Pachyderm, branch: Branch, limit: int) -> list[Commit]:
    """The newest commits of a branch, as many as are asked for."""
    commits: list[Commit] = []
    walk = client.history(branch.repo, branch, page=min(limit, _FAR))
    async with aclosing(walk) as history:
        async for commit in history:
            commits.append(commit)
            if len(commits) == limit:
                break
    return commits


async def newest_attempts(
    client: Pachyderm, training: MnistTraining, *, wanted: str = "", limit: int
) -> Walked:
    """The newest attempts over all slots; on input commits that begin so, if asked.

    A slot's branch is walked only as far as its attempts are among the newest.
    """
    branches = await _slots(client, training)
    page = min(limit + 1, _FAR)
    found: list[Attempt] = []
    async with AsyncExitStack() as stack:
        walks = [_attempts(client, each, slot, page) for slot, each in branches]
        for walk in walks:
            await stack.enter_async_context(aclosing(walk))
        heads = [await anext(walk, None) for walk in walks]
        while len(found) <= limit:
            left = [each for each in heads if each is not None]
            if not left:
                break
            newest = max(left, key=lambda each: each.opened)
            if newest.commit.startswith(wanted):
                found.append(newest)
            at = heads.index(newest)
            heads[at] = await anext(walks[at], None)
    return Walked(tuple(found[:limit]), len(branches), len(found) > limit)


async def _slots(
    client: Pachyderm, training: MnistTraining
) -> list[tuple[int, Branch]]:
    found: list[tuple[int, Branch]] = []
    while await client.branch_exists(
        branch := places.slot_branch(training, len(found))
    ):
        found.append((len(found), branch))
    return found


async def _attempts(
    client: Pachyderm, branch: Branch, slot: int, page: int
) -> AsyncGenerator[Attempt]:
    async with aclosing(client.history(branch.repo, branch, page=page)) as walk:
        async for commit in walk:
            attempt = read_attempt(commit)
            if attempt is not None:
                yield replace(attempt, slot=slot)


async def _current(client: Pachyderm, branch: Branch, at: datetime | None) -> Found:
    passed: list[Commit] = []
    oldest: Commit | None = None
    page = _NEAR if at is None else _FAR
    async with aclosing(client.history(branch.repo, branch, page=page)) as walk:
        async for commit in walk:
            model = published(commit)
            if model is not None and is_current(commit, at):
                return Found(commit, model, str(branch), tuple(passed))
            if model is not None:
                oldest = commit
            elif at is None or commit.started <= at:
                passed.append(commit)
    if oldest is not None and oldest.finished is not None and at is not None:
        raise NoAnswerError(
            f"no model was current at {timestamp(at)}: the first one on {branch},"
            f" {oldest.id}, was finished at {timestamp(oldest.finished)}"
        )
    raise NoAnswerError(await _explain_absence(client, branch))


async def _explain_absence(client: Pachyderm, branch: Branch) -> str:
    if not await client.repo_exists(branch.repo):
        return (
            f"there is no repo {branch.repo}: name another one, or another pachd"
            " with --address or PACHD_ADDRESS"
        )
    if not await client.branch_exists(branch):
        return f"there is no {branch}: name another branch, or a commit's ID"
    return f"there is no finished model on {branch} yet"


async def _one(client: Pachyderm, reference: Reference) -> Commit:
    wanted, repo = reference.commit or "", reference.repo
    if is_whole(wanted):
        commit = await client.commit(repo, wanted)
        if commit is not None:
            return commit
        raise NoAnswerError(await _explain_unknown(client, reference))
    found = await _beginning_with(client, reference.walk, wanted)
    if len(found) == 1:
        return found[0]
    if not found:
        raise NoAnswerError(await _explain_unknown(client, reference))
    shown = ", ".join(each.id for each in found[:_CANDIDATES_SHOWN])
    more = ", …" if len(found) > _CANDIDATES_SHOWN else ""
    raise NoAnswerError(
        f"{wanted} is the beginning of {len(found)} commits on {reference.walk}:"
        f" give more digits ({shown}{more})"
    )


async def _explain_unknown(client: Pachyderm, reference: Reference) -> str:
    if not await client.repo_exists(reference.repo):
        return await _explain_absence(client, reference.walk)
    if is_whole(reference.commit or ""):
        return (
            f"{reference.repo} has no commit {reference.commit}: it never was there,"
            " or was squashed or dropped"
        )
    what = "neither a branch nor a commit" if reference.branch else "no commit"
    return (
        f"{reference.repo}@{reference.commit} is {what} on"
        f" {reference.walk}: give the whole ID, or the branch with --branch"
    )


async def _beginning_with(
    client: Pachyderm, branch: Branch, prefix: str
) -> list[Commit]:
    """Every commit on the branch whose ID begins so; costs 10 ms a commit."""
    found: list[Commit] = []
    async with aclosing(client.history(branch.repo, branch)) as walk:
        async for commit in walk:
            if commit.id.startswith(prefix):
                found.append(commit)
                if len(prefix) >= _CERTAIN_DIGITS:
                    break
    return found

"""The questions to Pachyderm: what is in a commit, in a ledger, on a branch."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace

from mnist_operator import places
from mnist_operator.cli.indexes import LEDGER_LIMIT
from mnist_operator.cli.runs.attempts import Walked
from mnist_operator.commits import Branch, Commit, File
from mnist_operator.ledger import LEDGER_FILE
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt, read_attempt

__all__ = [
    "newest_attempts",
    "newest_commits",
    "read_ledger",
    "read_ledger_at",
    "read_record",
]

_PAGE = 50


async def read_record(
    client: Pachyderm, commit: Commit
) -> tuple[bytes | None, list[File]]:
    """lineage.json, if the commit has one, and the list of all its files."""
    content = await client.read(commit.repo, commit.id, LINEAGE_FILE)
    return content, await client.files(commit.repo, commit.id)


async def read_ledger(client: Pachyderm, branch: Branch) -> bytes:
    """The ledger's lines; none where no operator has written any."""
    head = await client.branch_head_id(branch)
    return b"" if head is None else await read_ledger_at(client, branch, head)


async def read_ledger_at(client: Pachyderm, branch: Branch, head: str) -> bytes:
    """The ledger's lines as they were at one of its commits."""
    content = await client.read(branch.repo, head, LEDGER_FILE, limit=LEDGER_LIMIT)
    return content or b""


async def newest_commits(client: Pachyderm, branch: Branch, limit: int) -> list[Commit]:
    """The newest commits of a branch, as many as are asked for."""
    commits: list[Commit] = []
    walk = client.history(branch.repo, branch, page=min(limit, _PAGE))
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
    page = min(limit + 1, _PAGE)
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

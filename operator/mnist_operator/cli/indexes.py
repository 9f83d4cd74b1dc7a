"""The questions for the index: which ledgers there are, and what they say."""

import asyncio
from collections.abc import Iterable

from mnist_operator.cli.index import Index, ledger_of, parse_ledgers
from mnist_operator.cli.references import Job
from mnist_operator.commits import Branch, Repo
from mnist_operator.errors import DeniedError
from mnist_operator.ledger import LEDGER_FILE
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.pachyderm.branches import BranchSeen

__all__ = ["LEDGER_LIMIT", "read_index"]

LEDGER_LIMIT = 256 * 1024 * 1024
"""Bytes: some 500,000 decisions."""
_AT_ONCE = 16


async def read_index(
    client: Pachyderm, runs: Iterable[Repo], job: Job | None = None
) -> Index:
    """Every ledger of some run repos, or the one that a TFJob's run is in.

    A run repo that may not be read is one without ledgers: whoever asks walks then.
    """
    turns = asyncio.Semaphore(_AT_ONCE)

    async def read(ledger: Branch, head: str) -> bytes:
        async with turns:
            content = await client.read(
                ledger.repo, head, LEDGER_FILE, limit=LEDGER_LIMIT
            )
        return content or b""

    found = [each for repo in runs for each in await _branches(client, repo)]
    heads = [
        (each.branch, each.head)
        for each in found
        if each.head and ledger_of(each.branch.name, job)
    ]
    contents = await asyncio.gather(*(read(*each) for each in heads))
    ledgers = [branch for branch, _ in heads]
    return parse_ledgers(dict(zip(ledgers, contents, strict=True)))


async def _branches(client: Pachyderm, repo: Repo) -> list[BranchSeen]:
    try:
        return await client.branches(repo)
    except DeniedError:
        return []

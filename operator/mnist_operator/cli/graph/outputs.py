"""The output commits that ledgers name: each is looked at once, in its own repo."""

import asyncio
from collections.abc import Iterable

from mnist_operator.cli.index import Row
from mnist_operator.cli.job_models import output_of
from mnist_operator.commits import Branch, Commit, Repo
from mnist_operator.errors import DeniedError
from mnist_operator.pachyderm import Pachyderm

__all__ = ["Outputs"]

_AT_ONCE = 16


class Outputs:
    """Opens the models of an index.

    A line of a ledger names a commit without its repo. It is the one that was asked
    for, or what the run was told; that never changes for one training.
    """

    def __init__(
        self, client: Pachyderm, default: Repo, known: Iterable[Commit] = ()
    ) -> None:
        self._client = client
        self._default = default
        self._commits: dict[tuple[Branch, str], Commit | None] = {}
        self._known = {commit.id: commit for commit in known}
        self._repos: dict[Branch, Repo] = {}
        self._denied: dict[tuple[Branch, str], Repo] = {}
        self._turns = asyncio.Semaphore(_AT_ONCE)

    def repo(self, row: Row) -> Repo:
        """The repo with the models of a row's training, as far as it is known."""
        return self._repos.get(row.ledger, self._default)

    def is_denied(self, row: Row) -> bool:
        """Whether it may be there, but this token may not read it."""
        return (row.ledger, row.entry.output) in self._denied

    @property
    def notes(self) -> list[str]:
        """What could not be looked at."""
        return [
            f"this token may not read {repo}, where {ledger} says that models are"
            for ledger, repo in {k[0]: r for k, r in self._denied.items()}.items()
        ]

    async def open(self, rows: Iterable[Row]) -> list[Commit | None]:
        """The commits of rows, in their order; None for what is gone or denied."""
        return list(await asyncio.gather(*(self._open(row) for row in rows)))

    async def _open(self, row: Row) -> Commit | None:
        key = (row.ledger, row.entry.output)
        if key not in self._commits:
            async with self._turns:
                try:
                    self._commits[key] = await self._find(row)
                except DeniedError:
                    self._denied[key] = self.repo(row)
                    self._commits[key] = None
        return self._commits[key]

    async def _find(self, row: Row) -> Commit | None:
        output = row.entry.output
        if output in self._known:
            return self._known[output]
        found = await self._client.commit(self.repo(row), output)
        if found is not None or row.ledger in self._repos:
            return found
        branch = await output_of(self._client, row.runs, row.entry.run)
        if branch is None or branch.repo == self._default:
            return None
        self._repos[row.ledger] = branch.repo
        return await self._client.commit(branch.repo, output)

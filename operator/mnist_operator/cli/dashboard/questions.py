"""The questions to Pachyderm behind the pages, each asked as seldom as can be.

A ledger is read once for each head that it has; what a finished run left behind, and
the record of a model, once. All else is a few seconds old at most, however many look.
"""

import asyncio
from collections.abc import Awaitable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from mnist_operator import places
from mnist_operator.cli import lookup
from mnist_operator.cli.dashboard.decisions import Page
from mnist_operator.cli.dashboard.keeping import Kept
from mnist_operator.cli.dashboard.words import lines
from mnist_operator.cli.failures import NoAnswerError
from mnist_operator.cli.history.histories import Row, history_item, read_entries
from mnist_operator.cli.history.walks import read_statement_of
from mnist_operator.cli.runs.attempts import Walked
from mnist_operator.cli.statements import Statement, read_object
from mnist_operator.commits import Repo
from mnist_operator.decisions import Entry
from mnist_operator.errors import NotFoundError, TooLargeError
from mnist_operator.foreign import read_json
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import ATTEMPT_FILE, LOG_FILE, Attempt, read_attempt

__all__ = ["Questions", "Remains"]

T = TypeVar("T")

_SECONDS, _LONGER_SECONDS = 3.0, 20.0
"""So old may be what can change, though the status does not say that it has."""
_PATIENCE_SECONDS = 20.0
_LEDGERS, _RECORDS, _RUNS = 8, 512, 64
_ATTEMPTS = 12
"""Attempts that a page shows; there are more commands for more."""
_AT_ONCE = 8
_METRICS_BYTES = 4 << 20
_ASKED_BYTES = 1 << 20
_LOG_BYTES = 64 << 10
_FILES = 10_000


@dataclass(frozen=True, slots=True)
class Remains:
    """What a run left in its staging commit."""

    metrics: Any = None
    log: str = ""
    """The end of it."""
    log_bytes: int = 0
    """Of all of it."""
    asked: bytes = b""


class Questions:
    """Asks, and keeps the answers."""

    def __init__(self, client: Pachyderm) -> None:
        self._client = client
        self._heads: Kept[str | None] = Kept(1000, _SECONDS)
        self._ledgers: Kept[tuple[Entry, ...]] = Kept(_LEDGERS)
        self._records: Kept[Statement | None] = Kept(_RECORDS)
        self._walks: Kept[Walked] = Kept(100, _LONGER_SECONDS)
        self._attempts: Kept[Attempt | None] = Kept(100, _LONGER_SECONDS)
        self._remains: Kept[Remains] = Kept(_RUNS)
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def close(self) -> None:
        """End what is being asked."""
        for kept in (
            self._heads,
            self._ledgers,
            self._records,
            self._walks,
            self._attempts,
            self._remains,
        ):
            await kept.close()

    async def entries(self, training: MnistTraining, version: str) -> tuple[Entry, ...]:
        """Every decision about a commit, oldest first, as of a version of the object.

        The operator writes the ledger before it tells of that in the status.
        """
        branch = places.ledger_branch(training)

        async def look() -> str | None:
            return await self._client.branch_head_id(branch)

        head = await self._patient(self._heads.get((branch, version), look))
        if head is None:
            return ()

        async def read() -> tuple[Entry, ...]:
            content = await lookup.read_ledger_at(self._client, branch, head)
            # In a thread: ten thousand lines take half a second.
            return tuple(await asyncio.to_thread(read_entries, content))

        return await self._patient(self._ledgers.get((branch, head), read))

    async def items(self, training: MnistTraining, page: Page) -> list[dict[str, Any]]:
        """The decisions of a page, as `mnistctl history` tells them."""
        repo = places.output_branch(training).repo
        return await asyncio.gather(*(self._item(repo, row) for row in page.rows))

    async def _item(self, repo: Repo, row: Row) -> dict[str, Any]:
        if not row.is_model:
            return history_item(row, None, None)
        own = await self.statement(repo, row.entry.output)
        last = await self.statement(repo, row.before.output) if row.before else None
        return history_item(row, own, last)

    async def statement(self, repo: Repo, commit: str) -> Statement | None:
        """The record of a model; None where it is not to be read."""

        async def read() -> Statement | None:
            async with self._turns:
                return await read_statement_of(self._client, repo, commit)

        return await self._patient(self._records.get((repo, commit), read))

    async def attempts(self, training: MnistTraining, state: Hashable) -> Walked:
        """The newest attempts; another state of things means other ones."""

        async def walk() -> Walked:
            return await lookup.newest_attempts(self._client, training, limit=_ATTEMPTS)

        return await self._patient(self._walks.get((training.key, state), walk))

    async def attempt(
        self, training: MnistTraining, run: str, state: Hashable
    ) -> Attempt | None:
        """One attempt; None where this training has none of that name."""
        repo = places.run_repo(training)

        async def read() -> Attempt | None:
            commit = await self._client.commit(repo, run)
            return read_attempt(commit) if commit is not None else None

        found = await self._patient(self._attempts.get((repo, run, state), read))
        if found is None or found.training != training.key:
            return None
        return found

    async def remains(self, training: MnistTraining, attempt: Attempt) -> Remains:
        """What a run left behind; nothing while it is open."""
        if not attempt.finished:
            return Remains()
        repo = places.run_repo(training)
        folder = training.spec.output.path.rpartition("/")[0]
        metrics = f"/{folder}/metrics.json".replace("//", "/")

        async def read() -> Remains:
            return await self._read_remains(repo, attempt.staging, metrics)

        key = (repo, attempt.staging, metrics)
        return await self._patient(self._remains.get(key, read))

    async def _read_remains(self, repo: Repo, run: str, metrics: str) -> Remains:
        try:
            listed = await self._client.files(repo, run, limit=_FILES)
        except (NotFoundError, TooLargeError):
            return Remains()
        sizes = {each.path: each.size for each in listed}
        asked = await self._read_small(repo, run, ATTEMPT_FILE, sizes, _ASKED_BYTES)
        if (read_object(asked) or {}).get("staging") != run:
            # It was closed before its job: these are the files of the run before it.
            return Remains()
        content = await self._read_small(repo, run, metrics, sizes, _METRICS_BYTES)
        told = await asyncio.to_thread(read_json, content)
        whole = sizes.get(LOG_FILE, 0)
        log = b""
        if whole:
            start = max(0, whole - _LOG_BYTES)
            log = await self._client.read_from(repo, run, LOG_FILE, start) or b""
        return Remains(told, lines(log, _LOG_BYTES), whole, asked)

    async def _read_small(
        self, repo: Repo, run: str, path: str, sizes: Mapping[str, int], most: int
    ) -> bytes:
        """A file of a run; nothing where it is missing, or larger."""
        if not 0 < sizes.get(path, 0) <= most:
            return b""
        return await self._client.read(repo, run, path) or b""

    async def _patient(self, answer: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await answer
        except TimeoutError:
            raise NoAnswerError(
                f"pachd at {self._client.connection.address} has not answered for"
                f" {_PATIENCE_SECONDS:g} seconds: look again; if it stays so, whoever"
                " runs Pachyderm must act"
            ) from None

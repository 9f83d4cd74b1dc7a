"""The questions to Pachyderm behind the pages, each asked as seldom as can be.

A ledger is read once for each head that it has; what a finished run left behind, and
the record of a model, once. All else is a few seconds old at most, however many look.
"""

import asyncio
from collections.abc import Awaitable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from mnist_operator import places
from mnist_operator.cli import lookup
from mnist_operator.cli.dashboard.decisions import Page
from mnist_operator.cli.dashboard.gates import Figures, read_figures
from mnist_operator.cli.dashboard.keeping import Kept
from mnist_operator.cli.dashboard.words import lines
from mnist_operator.cli.failures import TimedOutError
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
from mnist_operator.test_result import PROMOTION_FILE

__all__ = ["Questions", "Remains"]

T = TypeVar("T")

_SECONDS, _LONGER_SECONDS = 3.0, 20.0
"""So old may be what can change, though the status does not say that it has."""
_FIRST_SECONDS, _PATIENCE_SECONDS = 8.0, 20.0
"""For the first and smallest question, which tells whether anybody answers; for all
others."""
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

    def __init__(self) -> None:
        self._heads: Kept[str | None] = Kept(1000, _SECONDS)
        self._ledgers: Kept[tuple[Entry, ...]] = Kept(_LEDGERS)
        self._records: Kept[Statement | None] = Kept(_RECORDS)
        self._walks: Kept[Walked] = Kept(100, _LONGER_SECONDS)
        self._attempts: Kept[Attempt | None] = Kept(100, _LONGER_SECONDS)
        self._remains: Kept[Remains] = Kept(_RUNS)
        self._verdicts: Kept[Figures | None] = Kept(_RECORDS)
        self._turns: WeakKeyDictionary[Pachyderm, asyncio.Semaphore] = (
            WeakKeyDictionary()
        )

    async def close(self) -> None:
        """End what is being asked."""
        for kept in (
            self._heads,
            self._ledgers,
            self._records,
            self._walks,
            self._attempts,
            self._remains,
            self._verdicts,
        ):
            await kept.close()

    async def entries(
        self, pachd: Pachyderm, training: MnistTraining, version: str
    ) -> tuple[Entry, ...]:
        """Every decision about a commit, oldest first, as of a version of the object.

        The operator writes the ledger before it tells of that in the status.
        """
        branch = places.ledger_branch(training)

        async def look() -> str | None:
            return await pachd.branch_head_id(branch)

        key = (pachd.connection, branch, version)
        head = await _patient(pachd, self._heads.get(key, look), _FIRST_SECONDS)
        if head is None:
            return ()

        async def read() -> tuple[Entry, ...]:
            content = await lookup.read_ledger_at(pachd, branch, head)
            # In a thread: ten thousand lines take half a second.
            return tuple(await asyncio.to_thread(read_entries, content))

        kept = self._ledgers.get((pachd.connection, branch, head), read)
        return await _patient(pachd, kept)

    async def items(
        self, pachd: Pachyderm, training: MnistTraining, page: Page
    ) -> list[dict[str, Any]]:
        """The decisions of a page, as `mnistctl history` tells them."""
        repo = places.output_branch(training).repo
        return await asyncio.gather(
            *(self._item(pachd, repo, row) for row in page.rows)
        )

    async def _item(self, pachd: Pachyderm, repo: Repo, row: Row) -> dict[str, Any]:
        if not row.is_model:
            return history_item(row, None, None)
        own = await self.statement(pachd, repo, row.entry.output)
        last = None
        if row.before:
            last = await self.statement(pachd, repo, row.before.output)
        return history_item(row, own, last)

    async def statement(
        self, pachd: Pachyderm, repo: Repo, commit: str
    ) -> Statement | None:
        """The record of a model; None where it is not to be read."""

        async def read() -> Statement | None:
            async with self._turn(pachd):
                return await read_statement_of(pachd, repo, commit)

        kept = self._records.get((pachd.connection, repo, commit), read)
        return await _patient(pachd, kept)

    async def attempts(
        self, pachd: Pachyderm, training: MnistTraining, state: Hashable
    ) -> Walked:
        """The newest attempts; another state of things means other ones."""

        async def walk() -> Walked:
            return await lookup.newest_attempts(pachd, training, limit=_ATTEMPTS)

        kept = self._walks.get((pachd.connection, training.key, state), walk)
        return await _patient(pachd, kept)

    async def attempt(
        self, pachd: Pachyderm, training: MnistTraining, run: str, state: Hashable
    ) -> Attempt | None:
        """One attempt; None where this training has none of that name."""
        repo = places.run_repo(training)

        async def read() -> Attempt | None:
            commit = await pachd.commit(repo, run)
            return read_attempt(commit) if commit is not None else None

        kept = self._attempts.get((pachd.connection, repo, run, state), read)
        found = await _patient(pachd, kept)
        if found is None or found.training != training.key:
            return None
        return found

    async def remains(
        self, pachd: Pachyderm, training: MnistTraining, attempt: Attempt
    ) -> Remains:
        """What a run left behind; nothing while it is open."""
        if not attempt.finished:
            return Remains()
        repo = places.run_repo(training)
        folder = training.spec.output.path.rpartition("/")[0]
        metrics = f"/{folder}/metrics.json".replace("//", "/")

        async def read() -> Remains:
            return await _read_remains(pachd, repo, attempt.staging, metrics)

        key = (pachd.connection, repo, attempt.staging, metrics)
        return await _patient(pachd, self._remains.get(key, read))

    async def verdict(
        self, pachd: Pachyderm, repo: Repo, commit: str
    ) -> Figures | None:
        """What the promotion gate said of a model; None where it was not asked."""

        async def read() -> Figures | None:
            try:
                content = await pachd.read(repo, commit, PROMOTION_FILE)
            except (NotFoundError, TooLargeError):
                return None
            return read_figures(content)

        kept = self._verdicts.get((pachd.connection, repo, commit), read)
        return await _patient(pachd, kept)

    def _turn(self, pachd: Pachyderm) -> asyncio.Semaphore:
        """Each pachd has turns of its own: one that is slow holds up nobody else."""
        return self._turns.setdefault(pachd, asyncio.Semaphore(_AT_ONCE))


async def _read_remains(
    pachd: Pachyderm, repo: Repo, run: str, metrics: str
) -> Remains:
    try:
        listed = await pachd.files(repo, run, limit=_FILES)
    except (NotFoundError, TooLargeError):
        return Remains()
    sizes = {each.path: each.size for each in listed}
    own = (ATTEMPT_FILE, sizes.get(ATTEMPT_FILE, 0))
    asked = await _read_small(pachd, repo, run, own, _ASKED_BYTES)
    if (read_object(asked) or {}).get("staging") != run:
        # It was closed before its job: these are the files of the run before it.
        return Remains()
    told_in = (metrics, sizes.get(metrics, 0))
    content = await _read_small(pachd, repo, run, told_in, _METRICS_BYTES)
    told = await asyncio.to_thread(read_json, content)
    whole = sizes.get(LOG_FILE, 0)
    log = b""
    if whole:
        start = max(0, whole - _LOG_BYTES)
        log = await pachd.read_from(repo, run, LOG_FILE, start) or b""
    return Remains(told, lines(log, _LOG_BYTES), whole, asked)


async def _read_small(
    pachd: Pachyderm, repo: Repo, run: str, file: tuple[str, int], most: int
) -> bytes:
    """A file of a run, given with its size; nothing where it is missing, or larger."""
    path, size = file
    if not 0 < size <= most:
        return b""
    return await pachd.read(repo, run, path) or b""


async def _patient(
    pachd: Pachyderm, answer: Awaitable[T], seconds: float = _PATIENCE_SECONDS
) -> T:
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError:
        address = pachd.connection.address.rpartition("@")[2]
        raise TimedOutError(
            f"pachd at {address} has not answered for {seconds:g} seconds: look again;"
            " if it stays so, whoever runs Pachyderm must act"
        ) from None

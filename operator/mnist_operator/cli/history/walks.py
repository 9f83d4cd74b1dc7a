"""The questions that a history asks: the ledger, the output branch, some records.

Each is a stream that is read only as far as somebody asks, newest first.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

from mnist_operator.cli.history.histories import (
    Decisions,
    Row,
    find_missed,
    history_item,
    time_of,
)
from mnist_operator.cli.statements import Statement, read_statement
from mnist_operator.commits import Branch, Repo
from mnist_operator.errors import NotFoundError, TooLargeError
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.pachyderm import Pachyderm

__all__ = ["paired", "read_statement_of", "walk_rows", "with_records"]

_PAGE = 50
_AHEAD = 8
"""Records that are read at the same time."""

Rows = AsyncGenerator[Row]
Read = Callable[[str], Awaitable[Statement | None]]


async def walk_rows(
    client: Pachyderm,
    output: Branch,
    training: str,
    decisions: Decisions,
    *,
    beyond: int,
) -> Rows:
    """All decisions, and at their times the models that the ledger misses.

    The output branch is walked only as far down as decisions are asked for; below
    the ledger's oldest line, so many commits of it are looked at.
    """
    entries = decisions.entries
    known = {entry.output for entry in entries} | {entry.run for entry in entries}
    page = min(beyond, _PAGE)
    async with aclosing(client.history(output.repo, output, page=page)) as walk:
        commit = await anext(walk, None)
        for entry in reversed(decisions.lines or entries):
            while commit is not None and time_of(commit) > entry.time:
                if missed := find_missed(commit, training, known):
                    yield Row(missed, "output")
                commit = await anext(walk, None)
            yield Row(entry)
        while commit is not None and beyond > 0:
            beyond -= 1
            if missed := find_missed(commit, training, known):
                yield Row(missed, "output")
            commit = await anext(walk, None)


async def paired(rows: Rows) -> Rows:
    """Each model with the one before it, which is further down."""
    held: list[Row] = []
    async with aclosing(rows):
        async for row in rows:
            if row.is_model and held:
                yield held[0].after(row.entry)
                for each in held[1:]:
                    yield each
                held.clear()
            if row.is_model or held:
                held.append(row)
            else:
                yield row
    for each in held:
        yield each


async def with_records(rows: Rows, read: Read) -> AsyncGenerator[dict[str, Any]]:
    """Each decision as it is told; records of models are read a few at a time."""
    ahead = _Ahead(read)
    waiting: deque[Row] = deque()
    try:
        async with aclosing(rows):
            async for row in rows:
                ahead.begin(row)
                waiting.append(row)
                if len(waiting) > _AHEAD:
                    yield await ahead.tell(waiting.popleft())
        while waiting:
            yield await ahead.tell(waiting.popleft())
    finally:
        await ahead.stop()


class _Ahead:
    """Records that are being read, by the commit of their model."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._reading: dict[str, asyncio.Future[Statement | None]] = {}

    def begin(self, row: Row) -> None:
        """Begin to read what will be asked for."""
        for model in (row.entry, row.before) if row.is_model else ():
            if model is not None:
                self._start(model.output)

    async def tell(self, row: Row) -> dict[str, Any]:
        """A decision, with its records once they are there.

        Rows come newest first, so a model's own record is not needed any more.
        """
        if not row.is_model:
            return history_item(row, None, None)
        self.begin(row)
        before = await self._reading[row.before.output] if row.before else None
        found = await self._reading[row.entry.output]
        del self._reading[row.entry.output]
        return history_item(row, found, before)

    async def stop(self) -> None:
        """Leave nothing behind."""
        for task in self._reading.values():
            task.cancel()
        await asyncio.gather(*self._reading.values(), return_exceptions=True)

    def _start(self, commit: str) -> None:
        if commit not in self._reading:
            self._reading[commit] = asyncio.ensure_future(self._read(commit))


async def read_statement_of(
    client: Pachyderm, repo: Repo, commit: str
) -> Statement | None:
    """The record in an output commit; None where either is not there."""
    try:
        content = await client.read(repo, commit, LINEAGE_FILE)
    except (NotFoundError, TooLargeError):
        return None
    return read_statement(content) if content is not None else None

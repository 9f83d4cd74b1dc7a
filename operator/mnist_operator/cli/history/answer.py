"""What became of every commit, told while it is read; and two models side by side."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

import click

from mnist_operator import places
from mnist_operator.cli import lookup, screen
from mnist_operator.cli.failures import NotThereError
from mnist_operator.cli.finding import find_model
from mnist_operator.cli.history.histories import (
    Decisions,
    Row,
    history_head,
    history_notes,
    read_decisions,
)
from mnist_operator.cli.history.lines import tell_decision, tell_header, tell_rest
from mnist_operator.cli.history.pairs import Side, build_pair, pair_lines
from mnist_operator.cli.history.walks import (
    paired,
    read_statement_of,
    walk_rows,
    with_records,
)
from mnist_operator.cli.inquiries import ask, connect
from mnist_operator.cli.outputs import find_training
from mnist_operator.cli.pointers import tell_search
from mnist_operator.cli.references import Reference, parse_reference
from mnist_operator.cli.statements import Statement
from mnist_operator.cli.streams import Listing, Told, pour
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.resource import MnistTraining

__all__ = ["show"]

Options = Mapping[str, Any]

_TOLD = Told(tell_header, tell_decision, tell_rest)


def show(
    *,
    name: str,
    namespace: str,
    pair: tuple[str, str] | None,
    limit: int,
    models: bool,
    kind: str | None,
    **options: Any,
) -> None:
    """Tell every decision about every commit, or what differs between two models."""
    connection = connect(options)
    training = find_training(name, namespace, options)
    if pair is None:

        async def tell(client: Pachyderm) -> None:
            history = _History(client, training, limit=limit, models=models)
            await history.tell(kind)

        ask(connection, tell)
        return
    sides = [_parse(each, training) for each in pair]

    async def contrast(client: Pachyderm) -> dict[str, Any]:
        before, after = [await _find(client, training, each) for each in sides]
        return build_pair(training.key, before, after)

    screen.tell(ask(connection, contrast), kind, pair_lines)


class _History:
    """One answer, while it is found."""

    def __init__(
        self, client: Pachyderm, training: MnistTraining, *, limit: int, models: bool
    ) -> None:
        self._client = client
        self._training = training
        self._ledger = places.ledger_branch(training)
        self._output = places.output_branch(training)
        self._limit = limit
        self._only_models = models
        self._decisions = Decisions()
        self._shown = 0
        self._missed = 0

    async def tell(self, kind: str | None) -> None:
        """Write it, as far as somebody reads.

        Raises:
            NotThereError: Nothing is known of the training.
        """
        content = await lookup.read_ledger(self._client, self._ledger)
        self._decisions = read_decisions(content)
        items = with_records(self._rows(), self._read)
        async with aclosing(items):
            first = await anext(items, None)
            if first is None and self._decisions.start is None:
                raise NotThereError(self._explain_nothing())
            listing = Listing(
                history_head(
                    self._training.key,
                    self._decisions,
                    ledger=self._ledger,
                    output=self._output,
                ),
                "decisions",
                _chain(first, items),
                self._tail,
            )
            await pour(listing, kind, _TOLD)

    async def _rows(self) -> AsyncGenerator[Row]:
        """As many as are asked for, each model with the one before it."""
        found = walk_rows(
            self._client,
            self._output,
            self._training.key,
            self._decisions,
            beyond=self._limit,
        )
        async with aclosing(paired(found)) as rows:
            async for row in rows:
                if self._only_models and not row.is_model:
                    continue
                self._shown += 1
                self._missed += row.source == "output"
                yield row
                if self._shown == self._limit:
                    break

    async def _read(self, commit: str) -> Statement | None:
        return await read_statement_of(self._client, self._output.repo, commit)

    def _tail(self) -> dict[str, Any]:
        rows = map(Row, self._decisions.entries)
        wanted = [each for each in rows if each.is_model or not self._only_models]
        total = len(wanted) + self._missed
        return {
            "total": total,
            "older": total - self._shown,
            "notes": history_notes(self._missed, self._output),
        }

    def _explain_nothing(self) -> str:
        return (
            f"Pachyderm knows nothing of a MnistTraining {self._training.key}: there"
            f" is neither {self._ledger} nor a model of it on {self._output};"
            f" {tell_search(self._training)}"
        )


async def _chain(
    first: dict[str, Any] | None, rest: AsyncGenerator[dict[str, Any]]
) -> AsyncGenerator[dict[str, Any]]:
    if first is not None:
        yield first
    async for each in rest:
        yield each


def _parse(text: str, training: MnistTraining) -> Reference:
    """One of two models: a REF, or ^N alone for the Nth before the newest."""
    output, run_repo = places.output_branch(training), training.spec.output.run_repo
    named = f"{output}{text}" if text.startswith("^") else text
    try:
        return parse_reference(named, output, run_repo=run_repo or "")
    except ValueError as error:
        raise click.UsageError(
            f"--diff: {error}; ^N alone is the Nth before the newest, ^0 the newest"
        ) from None


async def _find(
    client: Pachyderm, training: MnistTraining, reference: Reference
) -> Side:
    found = await find_model(client, reference)
    if found.model.training != training.key:
        raise NotThereError(
            f"{found.commit} is a model of {found.model.training}, not of"
            f" {training.key}: ask mnistctl history {found.model.training}"
        )
    statement = await read_statement_of(client, found.commit.repo, found.commit.id)
    if statement is None:
        raise NotThereError(
            f"{found.commit} has no {LINEAGE_FILE}: mnistctl verify tells what else"
            " is known of it"
        )
    return Side(found, statement)

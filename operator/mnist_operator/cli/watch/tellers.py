"""Three ways to tell what happens: lines, lines of JSON, and a screen that moves."""

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any, Protocol

import click
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from mnist_operator.cli import screen
from mnist_operator.cli.get.happenings import Event, tell
from mnist_operator.cli.statements import dig
from mnist_operator.cli.watch import progress
from mnist_operator.cli.watch.changes import Change
from mnist_operator.cli.watch.news import Memory
from mnist_operator.status import timestamp

__all__ = ["Json", "Lines", "Screen", "Teller"]

_ROWS_KEPT = 4
"""Of a terminal, for what has happened: the bars leave these alone."""


class Teller(Protocol):
    """Tells what happens."""

    memory: Memory

    def showing(self) -> AbstractContextManager[object]:
        """Within this, there may be something on the screen that moves."""

    def tell(self, change: Change, told: Sequence[Event]) -> None:
        """This has happened just now."""


class Lines:
    """A line for everything that happens, and for every epoch of a run."""

    def __init__(self, *, named: bool) -> None:
        self._named = named
        self.memory = Memory(progress.milestones)

    def showing(self) -> AbstractContextManager[object]:
        """Nothing moves here."""
        return nullcontext()

    def tell(self, change: Change, told: Sequence[Event]) -> None:
        """Write the lines; with the name, where there are several."""
        for line in _lines(change, told, named=self._named):
            click.echo(line)


class Json:
    """A JSON object in a line for every change."""

    def __init__(self) -> None:
        self.memory = Memory(progress.steps)

    def showing(self) -> AbstractContextManager[object]:
        """Nothing moves here."""
        return nullcontext()

    def tell(self, change: Change, told: Sequence[Event]) -> None:
        """Write one object, if anything has happened."""
        if not told:
            return
        body = change.body
        said: dict[str, Any] = {
            "time": timestamp(datetime.now(UTC)),
            "namespace": change.namespace,
            "name": change.name,
            "happened": [{"what": what, "message": text} for what, text in told],
            "status": None if body is None else dig(body, "status") or {},
        }
        click.echo(json.dumps(said))


class Screen:
    """The same lines, and below them a bar for each run, which moves."""

    def __init__(self, console: Console, *, named: bool) -> None:
        self._console = console
        self._named = named
        self.memory = Memory()

    def showing(self) -> AbstractContextManager[object]:
        """Show the bars; they are gone afterwards."""
        return Live(
            console=self._console,
            get_renderable=self._draw,
            refresh_per_second=2,
            transient=True,
        )

    def tell(self, change: Change, told: Sequence[Event]) -> None:
        """Write the lines above the bars."""
        for line in _lines(change, told, named=self._named):
            self._console.print(screen.line(line), soft_wrap=True)

    def _draw(self) -> Group:
        return Group(*self._bars(datetime.now(UTC)))

    def _bars(self, now: datetime) -> list[Text]:
        width, height = self._console.size
        # Another thread draws: whatever is told meanwhile is in the next picture.
        statuses = dict(self.memory.statuses)
        return progress.bars(
            {"/".join(key): status for key, status in statuses.items()},
            now=now,
            width=width,
            height=height - _ROWS_KEPT,
        )


def _lines(change: Change, told: Sequence[Event], *, named: bool) -> Iterator[str]:
    name = f"{change.namespace}/{change.name}  " if named else ""
    for each in told:
        yield f"{timestamp(datetime.now(UTC))}  {name}{tell(*each)}"

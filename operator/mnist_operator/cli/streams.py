"""Answers that are written while they are found: a line at a time, whatever the form.

What is written is the same as if all of it had been there at once. Whoever stops
reading, as `head` does, ends it quietly.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol

import click
import yaml
from rich.console import Console
from rich.text import Text

__all__ = ["Listing", "Told", "pour"]

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """One object with a list in it that is long, and still being found."""

    head: Item
    """What stands before the list."""
    name: str
    items: AsyncGenerator[Item]
    tail: Callable[[], Item]
    """What stands after it: known once it has ended."""


@dataclass(frozen=True, slots=True)
class Told:
    """The same for people: lines for each of its parts."""

    head: Callable[[Item], Iterable[Text]]
    item: Callable[[Item], Iterable[Text]]
    tail: Callable[[Item], Iterable[Text]]


class _Form(Protocol):
    def begin(self) -> None: ...
    def add(self, item: Item) -> None: ...
    def end(self, tail: Item) -> None: ...


async def pour(listing: Listing, kind: str | None, told: Told) -> None:
    """Write all of it; end where nobody reads any more.

    Writing waits for whoever reads, so it is done beside the loop: a pager that
    stands still for an hour must not let a call to Pachyderm time out.
    """
    forms: Mapping[str | None, _Form] = {
        "json": _Json(listing),
        "yaml": _Yaml(listing),
        None: _Lines(listing, told),
    }
    form = forms[kind]
    try:
        await asyncio.to_thread(form.begin)
        async with aclosing(listing.items) as items:
            async for item in items:
                await asyncio.to_thread(form.add, item)
        await asyncio.to_thread(form.end, listing.tail())
    except BrokenPipeError:
        # What is still buffered would be written at exit, and complained about.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Json:
    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self._between = "\n"

    def begin(self) -> None:
        head = json.dumps(self._listing.head, indent=2).removesuffix("\n}")
        click.echo(f'{head},\n  "{self._listing.name}": [', nl=False)

    def add(self, item: Item) -> None:
        lines = json.dumps(item, indent=2).replace("\n", "\n    ")
        click.echo(f"{self._between}    {lines}", nl=False)
        self._between = ",\n"

    def end(self, tail: Item) -> None:
        closing = "]" if self._between == "\n" else "\n  ]"
        click.echo(f"{closing},{json.dumps(tail, indent=2).removeprefix('{')}")


class _Yaml:
    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self._is_empty = True

    def begin(self) -> None:
        click.echo(_dump(self._listing.head), nl=False)

    def add(self, item: Item) -> None:
        title = f"{self._listing.name}:\n" if self._is_empty else ""
        self._is_empty = False
        click.echo(title + _dump([dict(item)]), nl=False)

    def end(self, tail: Item) -> None:
        title = f"{self._listing.name}: []\n" if self._is_empty else ""
        click.echo(title + _dump(tail), nl=False)


def _dump(value: Any) -> str:
    plain = dict(value) if isinstance(value, Mapping) else value
    text: str = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)
    return text


class _Lines:
    def __init__(self, listing: Listing, told: Told) -> None:
        self._listing = listing
        self._told = told
        self._console = _Pipe(soft_wrap=True, highlight=False, emoji=False)

    def begin(self) -> None:
        self._print(self._told.head(self._listing.head))

    def add(self, item: Item) -> None:
        self._print(self._told.item(item))

    def end(self, tail: Item) -> None:
        self._print(self._told.tail(tail))

    def _print(self, lines: Iterable[Text]) -> None:
        for each in lines:
            self._console.print(each)


class _Pipe(Console):
    """A console that leaves it to others what a reader's end means."""

    def on_broken_pipe(self) -> None:
        """Hand it on, where rich would end the program."""
        raise  # noqa: PLE0704 (called where the error is being handled)

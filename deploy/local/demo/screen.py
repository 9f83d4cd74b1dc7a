"""Tells the story on the terminal: colours and a spinner where there is one.

In a pipe or a log file the same story is plain lines.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape

__all__ = ["Screen"]


class Screen:
    """Numbered steps, details below them, and the log lines of others."""

    def __init__(self) -> None:
        self._console = Console(soft_wrap=True, highlight=False)
        self._started = time.monotonic()
        self._steps = 0

    @property
    def seconds(self) -> float:
        """How long the story has been going on."""
        return time.monotonic() - self._started

    def step(self, title: str) -> None:
        """Open a new chapter."""
        self._steps += 1
        self._console.print(f"\n[bold cyan]{self._steps}. {escape(title)}[/]")

    def tell(self, text: str) -> None:
        """A sentence below the step."""
        self._console.print(f"   {escape(text)}")

    def command(self, text: str) -> None:
        """A command that a user would type."""
        self._console.print(f"   [bold]$ {escape(text)}[/]")

    def log(self, text: str, source: str = "") -> None:
        """A line that somebody else wrote."""
        prefix = f"{escape(source)} | " if source else ""
        self._console.print(f"     [dim]{prefix}{escape(text)}[/]")

    def good(self, text: str) -> None:
        """Something came out as it should."""
        self._console.print(f"   [green]✓[/] {escape(text)}")

    def bad(self, text: str) -> None:
        """Something went wrong."""
        self._console.print(f"   [bold red]✗ {escape(text)}[/]")

    @contextmanager
    def waiting(self, text: str) -> Iterator[None]:
        """Show that something is awaited, on a terminal."""
        if not self._console.is_terminal:
            yield
            return
        with self._console.status(escape(text)):
            yield

    def result(self, value: dict[str, Any]) -> None:
        """The last line, for programs: one JSON object."""
        print(json.dumps(value), flush=True)

"""The end of a command that has no answer: one line, and an exit status."""

import click

from mnist_operator.cli.failures import NoAnswerError
from mnist_operator.foreign import plain

__all__ = ["refuse", "warn"]

_LONGEST = 10_000


def warn(line: str) -> None:
    """Say something besides the answer; it may quote anybody, too."""
    click.echo(plain(f"Warning: {line}", _LONGEST), err=True)


def refuse(error: NoAnswerError) -> click.exceptions.Exit:
    """Say why, and give what to raise: the end with the status of the error."""
    # What it quotes may be anybody's, and is going to a terminal.
    click.ClickException(plain(str(error), _LONGEST)).show()
    return click.exceptions.Exit(error.status)

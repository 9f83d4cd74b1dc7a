"""The end of a command that has no answer: one line, and an exit status."""

import click

from mnist_operator.cli.failures import NoAnswerError

__all__ = ["refuse"]


def refuse(error: NoAnswerError) -> click.exceptions.Exit:
    """Say why, and give what to raise: the end with the status of the error."""
    click.ClickException(str(error)).show()
    return click.exceptions.Exit(error.status)

"""mnistctl explain."""

from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.command("explain")
@options.training
@click.argument("commit", metavar="[COMMIT]", required=False)
@options.of_records("commits")
@options.of_pachyderm
@options.of_cluster
@options.output
def command(**asked: Any) -> None:
    """Tell why each commit was trained, or why not.

    The newest stands first, and those that wait before those that are decided.

    COMMIT is an input commit: its ID or the beginning of it, repo@branch, or
    repo@branch^ for the one before. Then all is told that is known of it: every
    attempt, what was decided, and which model came after.

    \b
    Example:
      mnistctl explain mnist
      mnistctl explain mnist inputrepo@master^
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.explain import answer  # noqa: PLC0415

    answer.show(**asked)

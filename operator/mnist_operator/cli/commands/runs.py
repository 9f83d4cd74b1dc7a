"""mnistctl runs."""

from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.command("runs", short_help="Show every attempt that a MnistTraining made.")
@options.training
@click.option(
    "--commit",
    "wanted",
    default="",
    metavar="ID",
    help="Only runs on this input commit; the beginning of its ID is enough.",
)
@options.of_records("runs")
@options.of_pachyderm
@options.of_cluster
@options.output
def command(**asked: Any) -> None:
    """Show every attempt that a MnistTraining made, newest first.

    \b
    Example:
      mnistctl runs mnist
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.runs import answer  # noqa: PLC0415

    answer.show(**asked)

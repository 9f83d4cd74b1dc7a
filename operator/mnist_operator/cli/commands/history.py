"""mnistctl history."""

from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.command(
    "history", short_help="Show what became of every commit, and what changed."
)
@options.training
@click.option("--models", is_flag=True, help="Only decisions that made a model.")
@click.option(
    "--diff",
    "pair",
    nargs=2,
    metavar="A B",
    help="Instead: all that differs between two of its models. Each is a REF as"
    " mnistctl lineage takes it, or ^N: the Nth before the newest.",
)
@options.of_records("decisions")
@options.of_pachyderm
@options.of_cluster
@options.output
def command(**asked: Any) -> None:
    """Show what became of every commit, and what changed from model to model.

    The newest decision stands first. Below a model stands what is another than in
    the model before it: data, code, parameters, and what else of its spec. Lines are
    written while they are found.

    \b
    Example:
      mnistctl history mnist
      mnistctl history mnist --diff ^1 ^0
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.history import answer  # noqa: PLC0415

    answer.show(**asked)

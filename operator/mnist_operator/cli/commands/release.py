"""mnistctl release."""

from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.command(
    "release", short_help="Let a commit be trained that the data gate holds."
)
@options.training
@click.argument("commit", metavar="COMMIT")
@options.namespace
@click.option("--discard", is_flag=True, help="Never train it, rather.")
@options.of_cluster
def command(**asked: Any) -> None:
    """Let a commit be trained that spec.dataGate holds, or discard it.

    COMMIT is its ID or the beginning of it; mnistctl get names those that are held.

    \b
    Example:
      mnistctl release mnist 4cb2ca2c
      mnistctl release mnist 4cb2ca2c --discard
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.act import holds  # noqa: PLC0415

    holds.answer_hold(**asked)

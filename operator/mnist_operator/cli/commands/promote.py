"""mnistctl promote."""

from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.command("promote", short_help="Move production to a model.")
@options.training
@click.argument("model", required=False)
@click.option(
    "--force",
    "forced",
    metavar="REASON",
    help="Also if the gate did not let it pass; the reason is recorded.",
)
@options.namespace
@options.answer_timeout
@options.of_cluster
def command(**asked: Any) -> None:
    """Move the production branch of a MnistTraining to a MODEL: the newest one.

    MODEL is an output commit's ID, or the beginning of one that the status names.
    The operator moves the branch, and refuses what the gate refused.

    \b
    Exit status: 0 it is in production, 1 refused, 6 not answered in time.

    \b
    Example:
      mnistctl promote mnist
      mnistctl promote mnist --force 'agreed with the field team'
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.act.moves import request_move  # noqa: PLC0415

    request_move("Promote", **asked)

"""mnistctl rollback."""

from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.command("rollback", short_help="Move production back to an earlier model.")
@options.training
@click.argument("model", required=False)
@options.namespace
@options.answer_timeout
@options.of_cluster
def command(**asked: Any) -> None:
    """Move the production branch of a MnistTraining back to a MODEL that was there.

    MODEL is an output commit's ID, or the beginning of one that the status names;
    else the model that was in production before. The operator does not undo it: the
    model that was left is promoted again only when somebody asks for it.

    \b
    Exit status: 0 it is in production, 1 refused, 6 not answered in time.

    \b
    Example:
      mnistctl rollback mnist
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.act.moves import request_move  # noqa: PLC0415

    request_move("Rollback", **asked)

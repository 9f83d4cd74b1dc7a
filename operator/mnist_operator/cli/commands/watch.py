"""mnistctl watch."""

from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.command(
    "watch", short_help="Follow a MnistTraining, a line for everything that happens."
)
@options.training
@options.namespace
@click.option(
    "--until-ready",
    is_flag=True,
    help="End with 0 when it is ready, and with 5 when the newest run has failed.",
)
@options.timeout
@options.of_cluster
def command(**asked: Any) -> None:
    """Follow a MnistTraining: a line for everything that happens, until Ctrl-C.

    Exit status: 0 ready, 1 an error or nothing will happen until somebody acts, 5
    the newest commit's run failed, 6 timed out, 130 Ctrl-C.

    \b
    Example:
      mnistctl watch mnist --until-ready
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.get import trainings  # noqa: PLC0415

    trainings.follow(**asked)

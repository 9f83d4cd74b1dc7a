"""mnistctl retrain."""

from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.command("retrain", short_help="Train a commit of a MnistTraining once more.")
@options.training
@options.namespace
@click.option(
    "--commit",
    "wanted",
    metavar="COMMIT",
    help="An input commit's ID or its beginning, or repo@branch^ for the one before"
    " the head; else the newest finished one.",
)
@click.option("--wait", is_flag=True, help="Follow this very run to its end.")
@options.timeout
@options.of_cluster
@options.of_pachd
def command(**asked: Any) -> None:
    """Train a commit of a MnistTraining once more, whatever was decided about it.

    The operator starts the run before the commits that wait. Pachyderm is asked only
    for a COMMIT that the MnistTraining's status does not name.

    \b
    Exit status with --wait: 0 published, 1 no run was started, 5 the run failed,
    6 timed out.

    \b
    Example:
      mnistctl retrain mnist --wait
      mnistctl retrain mnist --commit inputrepo@master^
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.act import answer  # noqa: PLC0415

    answer.request_run(**asked)

"""mnistctl logs."""

from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.command("logs", short_help="Show the log of a run, also when its pod is gone.")
@click.argument("name", metavar="RUN")
@click.option("-f", "--follow", is_flag=True, help="Go on until the run has ended.")
@click.option(
    "--attempt",
    type=click.IntRange(1),
    metavar="N",
    help="Of a MnistTraining: the Nth attempt on the newest run's input commit.",
)
@click.option(
    "--replica",
    default="",
    metavar="worker-N",
    help="Of several pods, this one; else the one that speaks for all of them.",
)
@click.option(
    "-n", "--namespace", help="Of the MnistTraining; else the kubeconfig's own."
)
@click.option(
    "--run-repo",
    default="",
    show_default="the output repo's name and _runs",
    help="The repo with runs and ledgers.",
)
@options.of_pachyderm
@options.of_cluster
def command(**asked: Any) -> None:
    """Show the log of a run: from its pod, or from the run repo when that is gone.

    RUN is the name of a TFJob, a run's staging commit or the beginning of its ID, or
    NAME or NAMESPACE/NAME of a MnistTraining: then its newest run. Which of the two
    places the log came from is said on standard error.

    \b
    Example:
      mnistctl logs mnist
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.logs import answer  # noqa: PLC0415

    answer.show_log(**asked)

"""mnistctl watch."""

from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.command("watch", short_help="Follow MnistTrainings live: what happens, how far.")
@click.argument("name", metavar="[[NAMESPACE/]NAME]", required=False)
@options.namespace
@click.option("-A", "--all-namespaces", "everywhere", is_flag=True, help="All of them.")
@click.option(
    "--until-ready",
    is_flag=True,
    help="End with 0 when it is ready, and with 5 when the newest run has failed.",
)
@options.timeout
@options.of_cluster
@click.option(
    "-o",
    "--output",
    "kind",
    type=click.Choice(["json"]),
    help="A JSON object in a line for every change, for programs.",
)
def command(**asked: Any) -> None:
    """Follow a MnistTraining, or all of a namespace, until Ctrl-C.

    A line for everything that happens. On a terminal there is a bar for each run,
    with epoch, metrics and the time that is left; in a pipe a line for each epoch.

    Exit status: 0 ready, 1 an error or nothing will happen until somebody acts, 5
    the newest commit's run failed, 6 timed out, 130 Ctrl-C.

    \b
    Example:
      mnistctl watch mnist --until-ready
      mnistctl watch mnist --until-ready --output json
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.watch import answer  # noqa: PLC0415

    answer.follow(**asked)

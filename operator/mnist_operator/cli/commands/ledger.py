"""mnistctl ledger."""

from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.group("ledger")
def command() -> None:
    """Show the ledger of a MnistTraining, or make it anew.

    It has a line for each decision about each commit; the operator writes it.

    \b
    Example:
      mnistctl ledger rebuild mnist
    """  # noqa: D301 (click's mark for lines that stay as they are)


@command.command("show")
@options.training
@options.of_ledger
@options.of_pachyderm
@options.of_cluster
def show(**asked: Any) -> None:
    """Write its lines as they are, one JSON object each, oldest first.

    \b
    Example:
      mnistctl ledger show mnist
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.ledger import answer  # noqa: PLC0415

    answer.show_ledger(**asked)


@command.command("rebuild")
@options.training
@click.option("--yes", is_flag=True, help="Write it; else only tell what would change.")
@click.option(
    "--start-from",
    default="Latest",
    show_default=True,
    metavar="WHERE",
    help="What spec.trigger.startFrom says, if the ledger does not say it any more.",
)
@options.of_ledger
@options.of_pachyderm
@options.of_cluster
@options.output
def rebuild(**asked: Any) -> None:
    """Make it anew from the output commits and the closed attempts.

    Lines about where following began and about skipped commits are kept as they
    are, since nothing else knows of them. The ledger before stays in the history of
    its branch. Safe while the operator runs.

    \b
    Example:
      mnistctl ledger rebuild mnist
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.ledger import answer  # noqa: PLC0415

    answer.rebuild_ledger(**asked)

"""mnistctl get."""

from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.command(
    "get", short_help="Show how MnistTrainings stand; with NAME, the story of one."
)
@click.argument("name", metavar="[[NAMESPACE/]NAME]", required=False)
@options.namespace
@click.option("-A", "--all-namespaces", "everywhere", is_flag=True, help="All of them.")
@options.of_cluster
@options.output
def command(**asked: Any) -> None:
    """Show MnistTrainings as Kubernetes has them; with NAME, the story of one.

    \b
    Example:
      mnistctl get
      mnistctl get mnist
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.get import trainings  # noqa: PLC0415

    trainings.show(**asked)

"""mnistctl suspend."""

from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.command("suspend", short_help="Let a MnistTraining start nothing new.")
@options.training
@options.namespace
@options.of_cluster
def command(**asked: Any) -> None:
    """Let a MnistTraining start nothing new; what runs goes on, and commits wait.

    \b
    Example:
      mnistctl suspend mnist
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.act import answer  # noqa: PLC0415

    answer.switch(suspend=True, **asked)

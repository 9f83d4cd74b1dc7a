"""mnistctl resume."""

from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.command("resume", short_help="Let a suspended MnistTraining go on.")
@options.training
@options.namespace
@options.of_cluster
def command(**asked: Any) -> None:
    """Let a suspended MnistTraining go on: what waits is trained in its turn.

    \b
    Example:
      mnistctl resume mnist
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.act import answer  # noqa: PLC0415

    answer.switch(suspend=False, **asked)

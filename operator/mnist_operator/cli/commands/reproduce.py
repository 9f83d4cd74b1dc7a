"""mnistctl reproduce."""

from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.command(
    "reproduce", short_help="Make a model again by its record, and compare the two."
)
@click.argument("reference", metavar="REF")
@click.option(
    "--wait/--no-wait",
    default=True,
    show_default=True,
    help="Wait for the end and compare; else start it, and compare another time.",
)
@click.option(
    "--timeout",
    "seconds",
    type=click.FloatRange(0, min_open=True),
    default=3600,
    show_default=True,
    metavar="SECONDS",
    help="End with 6 after so long; the run goes on.",
)
@click.option(
    "--pull-timeout",
    "pull_seconds",
    type=click.FloatRange(0, min_open=True),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="Give up when its image cannot be pulled for so long.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 1),
    default=0.005,
    show_default=True,
    help="By how much the accuracy may differ, a share from 0 to 1.",
)
@click.option("--exact", is_flag=True, help="Nothing but the same bytes will do.")
@click.option(
    "--image", default="", help="Run this one, where the recorded one is gone."
)
@click.option("--keep", is_flag=True, help="Keep the TFJob when it has ended.")
@click.option(
    "--s3-endpoint",
    envvar="S3_ENDPOINT",
    default="",
    show_envvar=True,
    help="pachd's S3 gateway, as a pod reaches it; else as the MnistTraining or its"
    " TFJobs have it.",
)
@click.option(
    "--secret",
    default="",
    metavar="NAME",
    help="The Secret with a Pachyderm token for the pod; else the MnistTraining's.",
)
@click.option(
    "-n", "--namespace", help="Where the TFJob runs; else that of the MnistTraining."
)
@options.of_pachyderm
@options.of_cluster
@options.output
def command(**asked: Any) -> None:
    """Make a model again by its record, and tell whether it is the same.

    REF is a model, as for lineage, or a folder that one was downloaded to. Its input
    commit, its image by digest, its parameters and its seed run once more; nothing is
    published. The answer: identical bytes, identical predictions, accuracy within
    the tolerance, or not reproduced, and every recorded input that differs.

    \b
    Exit status: 0 reproduced, 4 not reproduced, or the record does not allow it,
    5 the run failed, 6 timed out, 130 Ctrl-C (the run goes on).

    \b
    Example:
      mnistctl reproduce outputrepo@master
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.reproduce import answer  # noqa: PLC0415

    answer.show_reproduction(**asked)

"""mnistctl plan."""

from typing import Any

import click
from click.core import ParameterSource

from mnist_operator.cli import options

__all__ = ["command"]

_MOST = 1000


def _refuse(_: click.Context, option: click.Parameter, given: str | None) -> None:
    """What other commands want to know, the spec itself says here."""
    if given is not None:
        raise click.UsageError(
            f"--{option.human_readable_name.lower().replace('_', '-')}: leave it out;"
            " plan asks the cluster, and takes the places from the MnistTraining's spec"
        )


@click.command(
    "plan", short_help="Show what the operator would do now, and the TFJobs."
)
@options.training
@options.namespace
@click.option(
    "--limit",
    type=click.IntRange(1, _MOST),
    default=20,
    show_default=True,
    help="So many commits, the oldest ones.",
)
@click.option(
    "--trainer-image",
    envvar="TRAINER_IMAGE",
    show_envvar=True,
    help="The operator's own setting, where no TFJob shows it.",
)
@click.option(
    "--s3-endpoint",
    envvar="S3_ENDPOINT",
    show_envvar=True,
    help="The same, of the S3 gateway.",
)
@options.of_cluster
@options.of_pachd
@click.option("--project", hidden=True, expose_value=False, callback=_refuse)
@click.option("--repo", hidden=True, expose_value=False, callback=_refuse)
@click.option("--branch", hidden=True, expose_value=False, callback=_refuse)
@click.option("--run-repo", hidden=True, expose_value=False, callback=_refuse)
@click.option(
    "-o",
    "--output",
    "kind",
    type=click.Choice(["json", "yaml"]),
    help="json: all of it, for programs; yaml: the TFJobs, as kubectl takes them.",
)
@click.pass_context
def command(ctx: click.Context, /, **asked: Any) -> None:
    """Show what would be done about each waiting commit, and the exact TFJobs.

    The decisions are the operator's own, made on what it would observe now. Nothing is
    done. What comes later assumes that each run goes well.

    pachd is asked where --address or PACHD_ADDRESS says, else where the MnistTraining
    says; its Secret is used as far as you may read it.

    \b
    Example:
      mnistctl plan mnist
      mnistctl plan mnist -o yaml
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.plan import answer  # noqa: PLC0415

    named = ctx.get_parameter_source("address") is not ParameterSource.DEFAULT
    answer.show(named=named, **asked)

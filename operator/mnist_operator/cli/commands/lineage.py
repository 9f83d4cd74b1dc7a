"""mnistctl lineage."""

from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.command("lineage")
@click.argument("reference", metavar="[REF]", required=False)
@click.option(
    "--up",
    "direction",
    flag_value="up",
    help="All that went into it, and into that: data, code, the model it began from.",
)
@click.option(
    "--down",
    "direction",
    flag_value="down",
    help="What came of it: the models that learned from an input commit, or that"
    " began from a model.",
)
@click.option(
    "--depth",
    type=click.IntRange(1, 10_000),
    default=100,
    show_default=True,
    help="So many generations of models up or down.",
)
@click.option(
    "--walk",
    is_flag=True,
    help="With --down: look at every commit of the output branch, and not only at"
    " those that the ledgers name.",
)
@click.option(
    "--at",
    metavar="TIME",
    help="The model that was current then: 2026-03-31, 2026-03-31T14:00 (UTC where"
    " no zone is named; a date alone is its first moment), '3 months ago' or 90d.",
)
@click.option(
    "--run-repo",
    default="",
    show_default="the output repo's name and _runs",
    help="The repo with runs and ledgers.",
)
@options.of_pachyderm
@click.option(
    "-o",
    "--output",
    "kind",
    type=click.Choice(["tree", "json", "yaml", "intoto", "dot"]),
    help="All of it, for programs; intoto: lineage.json, byte for byte; dot: for"
    " Graphviz.",
)
def command(**asked: Any) -> None:
    """Show what made a model, or what came of a commit.

    REF is repo@branch (its newest finished model), project/repo@branch, repo@commit,
    an output commit's ID or the beginning of it, tfjob/NAME, or a folder that a model
    was downloaded to. ^ or ^N behind it means 1 or N models before. Without REF: the
    model that is current on the output branch. With --down it may be an input commit,
    or the branch with it. A name that is a branch and could be the beginning of an ID
    means the branch.

    \b
    Example:
      mnistctl lineage outputrepo@master
      mnistctl lineage outputrepo@master^ --up
      mnistctl lineage inputrepo@master --down
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.lineage import answer  # noqa: PLC0415

    answer.show_lineage(**asked)

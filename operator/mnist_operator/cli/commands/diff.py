"""mnistctl diff."""

from pathlib import Path
from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.command("diff", short_help="Show what changed in the data from A to B.")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option(
    "--path",
    default="data/mnist.npz",
    show_default=True,
    help="The data in it: a file, or a folder with all .npz files below.",
)
@click.option(
    "--input-repo", default="inputrepo", show_default=True, help="For bare commit IDs."
)
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw what changed, as .png or .svg, by the name's end.",
)
@click.option(
    "--limit",
    type=click.IntRange(0, 1000),
    default=24,
    show_default=True,
    help="So many samples of each kind, in the picture and with -o.",
)
@click.option(
    "--show",
    "shown",
    type=click.IntRange(0, 100),
    default=0,
    show_default=True,
    help="So many samples of each kind in the terminal.",
)
@options.of_pachyderm
@options.output
def command(**asked: Any) -> None:
    """Show what changed in the data from A to B: files, samples, labels, classes.

    Each is an input commit (repo@branch, repo@branch^ for the one before, repo@commit,
    an ID or the beginning of it), a local file or folder, or model: and a model, for
    the data that it learned from. Files that are the same are not read.

    \b
    Example:
      mnistctl diff inputrepo@master^ inputrepo@master
      mnistctl diff model:outputrepo@master inputrepo@master
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.data import answers as data_answers  # noqa: PLC0415

    data_answers.show_diff(**asked)

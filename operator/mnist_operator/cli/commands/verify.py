"""mnistctl verify."""

from pathlib import Path
from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.command(
    "verify", short_help="Check whether the record of a model can be believed."
)
@click.argument("reference", metavar="[REF]", required=False)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Every model of the branch, newest first.",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="PUB",
    help="The operator's public key, in PEM: the record must be signed with it. Several"
    " where it was replaced: any of them will do.",
)
@click.option(
    "--deep",
    is_flag=True,
    help="Read every file of the model and of its data again, and hash it.",
)
@click.option(
    "--require-signature",
    "signature_required",
    is_flag=True,
    help="With --all and --key: also a model that is not signed at all has failed.",
)
@click.option(
    "--run-repo",
    default="",
    show_default="the output repo's name and _runs",
    help="The repo with runs and ledgers, in the output repo's project.",
)
@options.of_pachyderm
@options.output
def command(*, everything: bool, **asked: Any) -> None:
    """Check a model's record against everything that can speak against it.

    REF is as for mnistctl lineage: a branch, a commit, a TFJob, or a folder that a
    model was downloaded to, which needs no Pachyderm. Without REF: the model that is
    current on the output branch. Exit status 4: something does not fit.

    \b
    Example:
      mnistctl verify outputrepo@master
      mnistctl verify --all
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.verify import answer  # noqa: PLC0415

    if everything:
        answer.show_all(**asked)
    else:
        answer.show_one(**asked)

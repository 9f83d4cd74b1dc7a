"""mnistctl export."""

from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.command("export")
@click.argument("reference", metavar="[REF]", required=False)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["model-card", "ml-bom", "croissant", "openlineage"]),
    required=True,
    help="What to write: a Hugging Face model card (Markdown), a CycloneDX 1.6 ML-BOM,"
    " the training data in Croissant 1.0, or the run's OpenLineage event (all JSON).",
)
@click.option(
    "--to",
    "file",
    type=click.File("w", encoding="utf-8", lazy=True, atomic=True),
    default="-",
    metavar="FILE",
    help="Where to; else, and with -, standard output.",
)
@click.option(
    "--job-namespace",
    envvar="OPENLINEAGE_NAMESPACE",
    default="",
    show_envvar=True,
    help="openlineage: the namespace of all trainings; else each is in its own.",
)
@click.option(
    "--dataset-namespace",
    default="",
    show_default="pachyderm:// and the host of --address",
    help="openlineage: the namespace of Pachyderm's repos.",
)
@click.option(
    "--run-repo",
    default="",
    show_default="the output repo's name and _runs",
    help="The repo with runs, for tfjob/NAME.",
)
@options.of_pachyderm
def command(**asked: Any) -> None:
    """Write a model's record in another format.

    REF is as for mnistctl lineage: a branch, a commit, a TFJob, or a folder that a
    model was downloaded to. Without REF: the model that is current on the output
    branch. What the record does not say is left out.

    \b
    Example:
      mnistctl export outputrepo@master --format model-card
      mnistctl export outputrepo@master^ --format ml-bom
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.export import answer  # noqa: PLC0415

    answer.export(**asked)

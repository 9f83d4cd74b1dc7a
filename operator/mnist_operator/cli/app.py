"""The command line: what can be asked, and how.

Each command imports its answer when it is asked: gRPC and Kubernetes' client take
half a second and more, and nobody should wait for the one that is not asked.

Exit status: 0 answered, 1 no answer or a record whose copies disagree, 2 usage;
``watch`` has others of its own.
"""

import sys
from pathlib import Path
from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["mnistctl", "run"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def mnistctl() -> None:
    """Ask which data made a model, what became of every commit, and what goes on.

    lineage, history and runs ask Pachyderm alone; get and watch ask Kubernetes alone.
    """


@mnistctl.command()
@click.argument("reference", metavar="[REF]", required=False)
@click.option(
    "--at",
    metavar="TIME",
    help="The model that was current then: 2026-03-31, 2026-03-31T14:00 (UTC where"
    " no zone is named; a date alone is its first moment), '3 months ago' or 90d.",
)
@options.of_pachyderm
def lineage(**asked: Any) -> None:
    """Show what made a model.

    REF is repo@branch (its newest finished model), project/repo@branch, repo@commit,
    or an output commit's ID or the beginning of it. Without REF: the model that is
    current on the output branch. A name that is a branch and could be the beginning
    of an ID means the branch.
    """
    from mnist_operator.cli import records  # noqa: PLC0415

    records.show_lineage(**asked)


@mnistctl.command()
@options.training
@options.of_records("decisions")
@options.of_pachyderm
def history(**asked: Any) -> None:
    """Show what became of every commit that a MnistTraining followed, newest first."""
    from mnist_operator.cli import records  # noqa: PLC0415

    records.show_history(**asked)


@mnistctl.command()
@options.training
@click.option(
    "--commit",
    "wanted",
    default="",
    metavar="ID",
    help="Only runs on this input commit; the beginning of its ID is enough.",
)
@options.of_records("runs")
@options.of_pachyderm
def runs(**asked: Any) -> None:
    """Show every attempt that a MnistTraining made, newest first."""
    from mnist_operator.cli import records  # noqa: PLC0415

    records.show_runs(**asked)


@mnistctl.command()
@click.argument("name", metavar="[[NAMESPACE/]NAME]", required=False)
@click.option("-n", "--namespace", help="Else the kubeconfig's own.")
@click.option("-A", "--all-namespaces", "everywhere", is_flag=True, help="All of them.")
@options.of_cluster
@options.output
def get(**asked: Any) -> None:
    """Show MnistTrainings as Kubernetes has them; with NAME, the story of one."""
    from mnist_operator.cli import trainings  # noqa: PLC0415

    trainings.show(**asked)


@mnistctl.command()
@options.training
@click.option("-n", "--namespace", help="Else the kubeconfig's own.")
@click.option(
    "--until-ready",
    is_flag=True,
    help="End with 0 when it is ready, and with 5 when the newest run has failed.",
)
@click.option(
    "--timeout",
    "seconds",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="End with 6 after so long.",
)
@options.of_cluster
def watch(**asked: Any) -> None:
    """Follow a MnistTraining: a line for everything that happens, until Ctrl-C.

    Exit status: 0 ready, 1 an error or nothing will happen until somebody acts, 5
    the newest commit's run failed, 6 timed out, 130 Ctrl-C.
    """
    from mnist_operator.cli import trainings  # noqa: PLC0415

    trainings.follow(**asked)


def run() -> None:
    """Read the command line, answer, and exit."""
    plugin = Path(sys.argv[0]).name == "kubectl-mnist"
    mnistctl(prog_name="kubectl mnist" if plugin else None)

"""The options that several commands share. It imports nothing that takes time."""

from collections.abc import Callable
from pathlib import Path

import click

__all__ = [
    "answer_timeout",
    "namespace",
    "of_cluster",
    "of_ledger",
    "of_pachd",
    "of_pachyderm",
    "of_records",
    "output",
    "timeout",
    "training",
]

Command = Callable[..., None]
Option = Callable[[Command], Command]

_DEFAULT_ADDRESS = "localhost:30650"
_FILE = click.Path(path_type=Path, dir_okay=False)
_MOST = 10_000


def _together(*options: Option) -> Option:
    """Several options as one, in the order in which help shows them."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


training = click.argument("name", metavar="[NAMESPACE/]NAME")
output = click.option(
    "-o",
    "--output",
    "kind",
    type=click.Choice(["json", "yaml"]),
    help="All of it, for programs.",
)
namespace = click.option("-n", "--namespace", help="Else the kubeconfig's own.")
timeout = click.option(
    "--timeout",
    "seconds",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="End with 6 after so long.",
)
answer_timeout = click.option(
    "--timeout",
    "seconds",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    default=120.0,
    show_default=True,
    help="End with 6 when the operator has not answered after so long.",
)
of_pachd = _together(
    click.option(
        "--address",
        envvar="PACHD_ADDRESS",
        default=_DEFAULT_ADDRESS,
        show_default=True,
        show_envvar=True,
        help="pachd's gRPC address: host:port or grpc(s)://host:port.",
    ),
    click.option(
        "--token-file",
        type=_FILE,
        help="File with a Pachyderm token; else the variable PACHYDERM_TOKEN has it.",
    ),
    click.option(
        "--ca-file",
        envvar="PACHYDERM_CA",
        type=_FILE,
        show_envvar=True,
        help="The CA to trust, in PEM; with it, TLS is spoken.",
    ),
)
"""Where Pachyderm is and who asks, for those who read the places off an object."""
of_pachyderm = _together(
    of_pachd,
    click.option(
        "--project",
        default="default",
        show_default=True,
        help="Pachyderm project of the output repo.",
    ),
    click.option(
        "--repo", default="outputrepo", show_default=True, help="The output repo."
    ),
    click.option(
        "--branch", default="master", show_default=True, help="The branch with models."
    ),
)
of_cluster = _together(
    click.option(
        "--kubeconfig",
        envvar="KUBECONFIG",
        show_envvar=True,
        help="How to reach the cluster; else ~/.kube/config, else the pod's own way.",
    ),
    click.option("--context", help="Of the kubeconfig; else its current one."),
)


of_ledger = _together(
    click.option(
        "-n",
        "--namespace",
        default="default",
        show_default=True,
        help="Of the training.",
    ),
    click.option(
        "--run-repo",
        default="",
        show_default="the output repo's name and _runs",
        help="The repo with runs and ledgers.",
    ),
)


def of_records(things: str) -> Option:
    """What says whose records are asked for, and how many."""
    return _together(
        of_ledger,
        click.option(
            "--limit",
            type=click.IntRange(1, _MOST),
            default=20,
            show_default=True,
            help=f"So many {things}, the newest ones.",
        ),
    )

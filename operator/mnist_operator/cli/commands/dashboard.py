"""mnistctl dashboard."""

from pathlib import Path
from typing import Any

import click

from mnist_operator.cli import options

__all__ = ["command"]


@click.command("dashboard", short_help="Serve a page that shows all of this.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on; 0.0.0.0 for all of them.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="The port to listen on; 0 for any that is free.",
)
@click.option(
    "--allow-host",
    "allowed",
    envvar="MNISTCTL_ALLOW_HOST",
    multiple=True,
    metavar="NAME",
    show_envvar=True,
    help="A name that the page goes by, beside localhost; several with commas.",
)
@click.option(
    "--base-path",
    "base",
    envvar="MNISTCTL_BASE_PATH",
    default="",
    metavar="PATH",
    show_envvar=True,
    help="The path below which it is reached through an ingress, such as /mnist.",
)
@click.option(
    "--runbooks",
    envvar="MNISTCTL_RUNBOOKS",
    default="docs/runbooks.md",
    metavar="URL",
    show_default=True,
    show_envvar=True,
    help="Where the runbooks are read; failures lead there if it is a URL.",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    envvar="MNISTCTL_KEY",
    metavar="PUB",
    show_envvar=True,
    help="A public key (PEM) that records are signed with, or a folder of them; may be"
    " given several times.",
)
@options.namespace
@click.option(
    "-A",
    "--all-namespaces",
    "everywhere",
    is_flag=True,
    help="MnistTrainings of all namespaces.",
)
@options.of_cluster
@options.of_pachd
def command(**asked: Any) -> None:
    """Serve a page that shows trainings, runs, models and logs, until Ctrl-C.

    It reads alone: there is nothing on it that changes anything. Whoever reaches it
    sees what this kubeconfig and this Pachyderm token may see, so it listens to this
    machine alone, unless it is told otherwise.

    \b
    Example:
      mnistctl dashboard --all-namespaces
    """  # noqa: D301 (click's mark for lines that stay as they are)
    from mnist_operator.cli.dashboard import answer  # noqa: PLC0415

    answer.serve(**asked)

"""The commands: read what was asked, look it up, tell it.

Exit status: 0 answered, 1 no answer or a record whose copies disagree, 2 usage.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import ValidationError

from mnist_operator import runs
from mnist_operator.cli import lookup, screen
from mnist_operator.cli.connections import make_connection
from mnist_operator.cli.failures import NoAnswerError, explain
from mnist_operator.cli.histories import build_history
from mnist_operator.cli.moments import parse_moment
from mnist_operator.cli.references import parse_reference
from mnist_operator.cli.reports import build_report
from mnist_operator.commits import Branch, Repo
from mnist_operator.errors import OperatorError
from mnist_operator.pachyderm import Connection, Pachyderm
from mnist_operator.resource import MnistTraining, Output, Spec

__all__ = ["mnistctl", "run"]

T = TypeVar("T")

_DEFAULT_ADDRESS = "localhost:30650"
_TOKEN_VARIABLE = "PACHYDERM_TOKEN"  # noqa: S105 - the variable's name
_FILE = click.Path(path_type=Path, dir_okay=False)

_OPTIONS = (
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
    click.option(
        "-o",
        "--output",
        "kind",
        type=click.Choice(["json", "yaml"]),
        help="All of it, for programs.",
    ),
)


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """What every command takes."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def mnistctl() -> None:
    """Ask Pachyderm which data made a model, and what became of every commit."""


@mnistctl.command()
@click.argument("reference", metavar="[REF]", required=False)
@click.option(
    "--at",
    metavar="TIME",
    help="The model that was current then: 2026-03-31, 2026-03-31T14:00 (UTC where"
    " no zone is named; a date alone is its first moment), '3 months ago' or 90d.",
)
@_options
def lineage(
    reference: str | None, at: str | None, kind: str | None, **rest: Any
) -> None:
    """Show what made a model.

    REF is repo@branch (its newest finished model), project/repo@branch, repo@commit,
    or an output commit's ID or the beginning of it. Without REF: the model that is
    current on the output branch. A name that is a branch and could be the beginning
    of an ID means the branch.
    """
    connection = _connect(rest)
    default = _output_branch(rest)
    try:
        wanted = parse_reference(reference, default)
        moment = parse_moment(at, now=datetime.now(UTC)) if at else None
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if moment is not None and wanted.branch is None:
        raise click.UsageError("--at asks a branch: write repo@branch, or no REF")

    async def ask(client: Pachyderm) -> dict[str, Any]:
        found = await lookup.find_model(client, wanted, at=moment)
        content, files = await lookup.read_record(client, found.commit)
        asked = reference or str(default)
        return build_report(asked, found, content, files, at=moment)

    report = _ask(connection, ask)
    _tell(report, kind, screen.lineage_lines)
    if not report["record"]["agrees"]:
        for each in report["record"]["disagreements"]:
            click.echo(f"Warning: the copies of the record disagree: {each}", err=True)
        raise click.exceptions.Exit(1)


@mnistctl.command()
@click.argument("name", metavar="[NAMESPACE/]NAME")
@click.option(
    "-n", "--namespace", default="default", show_default=True, help="Of the training."
)
@click.option(
    "--run-repo",
    default="",
    show_default="the output repo's name and _runs",
    help="The repo with runs and ledgers.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=20,
    show_default=True,
    help="So many decisions, the newest ones.",
)
@_options
def history(
    name: str, namespace: str, limit: int, kind: str | None, **rest: Any
) -> None:
    """Show what became of every commit that a MnistTraining followed, newest first."""
    connection = _connect(rest)
    training = _training(name, namespace, rest)
    ledger = runs.ledger_branch(training)
    output = runs.output_branch(training)

    async def ask(client: Pachyderm) -> dict[str, Any]:
        content = await lookup.read_ledger(client, ledger)
        commits = await lookup.newest_commits(client, output, limit)
        return build_history(
            training.key, content, commits, ledger=ledger, output=output, limit=limit
        )

    report = _ask(connection, ask)
    if not report["total"] and not report["start"]:
        raise click.ClickException(
            f"Pachyderm knows nothing of a MnistTraining {training.key}: there is"
            f" neither {ledger} nor a model of it on {output}; check the name,"
            " --namespace, --run-repo, --repo and --branch"
        )
    _tell(report, kind, screen.history_lines)


def _connect(options: dict[str, Any]) -> Connection:
    try:
        return make_connection(
            options["address"],
            token=os.environ.get(_TOKEN_VARIABLE, ""),
            token_file=options["token_file"],
            ca_file=options["ca_file"],
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _output_branch(options: dict[str, Any]) -> Branch:
    return Branch(Repo(options["project"], options["repo"]), options["branch"])


def _training(name: str, namespace: str, options: dict[str, Any]) -> MnistTraining:
    """As much of a MnistTraining as says where its records are."""
    before, _, last = name.rpartition("/")
    try:
        output = Output(
            project=options["project"],
            repo=options["repo"],
            branch=options["branch"],
            run_repo=options["run_repo"],
        )
    except ValidationError as error:
        first = error.errors()[0]
        option = str(first["loc"][0]).replace("_", "-").replace("runRepo", "run-repo")
        raise click.UsageError(f"--{option}: {first['msg']}") from None
    return MnistTraining(
        namespace=before or namespace, name=last, uid="", spec=Spec(output=output)
    )


def _ask(connection: Connection, question: Callable[[Pachyderm], Awaitable[T]]) -> T:
    async def talk() -> T:
        client = Pachyderm(connection)
        try:
            return await question(client)
        finally:
            await client.close()

    try:
        return asyncio.run(talk())
    except NoAnswerError as error:
        raise click.ClickException(str(error)) from None
    except OperatorError as error:
        signed_in = connection.token is not None
        line = explain(error, connection.address, signed_in=signed_in)
        raise click.ClickException(line) from None


def _tell(
    report: dict[str, Any], kind: str | None, lines: Callable[[dict[str, Any]], Any]
) -> None:
    if kind is None:
        screen.show(lines(report))
    else:
        click.echo(screen.serialize(report, kind))


def run() -> None:
    """Read the command line, answer, and exit."""
    plugin = Path(sys.argv[0]).name == "kubectl-mnist"
    mnistctl(prog_name="kubectl mnist" if plugin else None)

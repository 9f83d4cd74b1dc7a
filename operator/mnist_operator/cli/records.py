"""What Pachyderm alone can answer: of models, of decisions, of runs."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import click
from pydantic import ValidationError

from mnist_operator import places
from mnist_operator.cli import lookup, screen
from mnist_operator.cli.attempts import build_runs, find_unrecorded, runs_lines
from mnist_operator.cli.connections import make_connection
from mnist_operator.cli.failures import NoAnswerError, explain
from mnist_operator.cli.histories import build_history, read_entries
from mnist_operator.cli.moments import parse_moment
from mnist_operator.cli.references import is_prefix, parse_reference
from mnist_operator.cli.reports import build_report
from mnist_operator.commits import Branch, Commit, Repo
from mnist_operator.errors import OperatorError
from mnist_operator.pachyderm import Connection, Pachyderm
from mnist_operator.resource import MnistTraining, Output, Spec

__all__ = ["show_history", "show_lineage", "show_runs"]

T = TypeVar("T")

_TOKEN_VARIABLE = "PACHYDERM_TOKEN"  # noqa: S105 - the variable's name


def show_lineage(
    *, reference: str | None, at: str | None, kind: str | None, **options: Any
) -> None:
    """Tell what made a model; copies of its record that disagree are an error."""
    connection = _connect(options)
    default = _output_branch(options)
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
    screen.tell(report, kind, screen.lineage_lines)
    if not report["record"]["agrees"]:
        for each in report["record"]["disagreements"]:
            click.echo(f"Warning: the copies of the record disagree: {each}", err=True)
        raise click.exceptions.Exit(1)


def show_history(
    *, name: str, namespace: str, limit: int, kind: str | None, **options: Any
) -> None:
    """Tell every decision about every commit."""
    connection = _connect(options)
    training = _training(name, namespace, options)
    ledger = places.ledger_branch(training)
    output = places.output_branch(training)

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
    screen.tell(report, kind, screen.history_lines)


def show_runs(
    *,
    name: str,
    namespace: str,
    wanted: str,
    limit: int,
    kind: str | None,
    **options: Any,
) -> None:
    """Tell every attempt, and what was made of it."""
    if wanted and not is_prefix(wanted):
        raise click.UsageError(
            f"--commit {wanted!r} is neither a commit's ID nor the beginning of one"
        )
    prefix = wanted.lower()
    connection = _connect(options)
    training = _training(name, namespace, options)

    async def ask(client: Pachyderm) -> dict[str, Any]:
        walked = await lookup.newest_attempts(
            client, training, wanted=prefix, limit=limit
        )
        ledger = places.ledger_branch(training)
        entries = read_entries(await lookup.read_ledger(client, ledger))
        commits: list[Commit] = []
        if find_unrecorded(walked.attempts, entries):
            output = places.output_branch(training)
            commits = await lookup.newest_commits(client, output, limit)
        return build_runs(training, walked, entries, commits, wanted=prefix)

    report = _ask(connection, ask)
    if not report["runs"]:
        raise click.ClickException(_explain_no_run(training, report["slots"], prefix))
    screen.tell(report, kind, lambda each: runs_lines(each, now=datetime.now(UTC)))


def _explain_no_run(training: MnistTraining, slots: int, wanted: str) -> str:
    if slots and wanted:
        return (
            f"no run of {training.key} is on an input commit {wanted}: leave"
            " --commit out to see all of them, or ask mnistctl history, which has the"
            " skipped ones too"
        )
    return (
        f"Pachyderm knows no run of a MnistTraining {training.key}: there is none on"
        f" {places.slot_branch(training)}; check the name, --namespace, --run-repo"
        " and --repo"
    )


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

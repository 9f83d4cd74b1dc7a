"""How a command asks Pachyderm: who it is, what it means, and how an error ends it."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import click
from pydantic import ValidationError

from mnist_operator.cli.connections import make_connection
from mnist_operator.cli.failures import NoAnswerError, explain
from mnist_operator.cli.refusals import refuse
from mnist_operator.commits import Branch, Repo
from mnist_operator.errors import OperatorError
from mnist_operator.pachyderm import Connection, Pachyderm
from mnist_operator.resource import MnistTraining, Output, Spec

__all__ = ["ask", "connect", "name_training", "output_branch"]

T = TypeVar("T")
Options = Mapping[str, Any]

_TOKEN_VARIABLE = "PACHYDERM_TOKEN"  # noqa: S105 - the variable's name


def connect(options: Options) -> Connection:
    """Where pachd is and who asks, by the options of `options.of_pachyderm`."""
    try:
        return make_connection(
            options["address"],
            token=os.environ.get(_TOKEN_VARIABLE, ""),
            token_file=options["token_file"],
            ca_file=options["ca_file"],
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def output_branch(options: Options) -> Branch:
    """The branch with models."""
    return Branch(Repo(options["project"], options["repo"]), options["branch"])


def name_training(name: str, namespace: str, options: Options) -> MnistTraining:
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


def ask(connection: Connection, question: Callable[[Pachyderm], Awaitable[T]]) -> T:
    """Ask, and say it in one line if there is no answer.

    Raises:
        click.ClickException: There is none.
        click.exceptions.Exit: Nor is there what was asked for; it has been said.
    """

    async def talk() -> T:
        client = Pachyderm(connection)
        try:
            return await question(client)
        finally:
            await client.close()

    try:
        return asyncio.run(talk())
    except NoAnswerError as error:
        raise refuse(error) from None
    except OperatorError as error:
        signed_in = connection.token is not None
        line = explain(error, connection.address, signed_in=signed_in)
        raise click.ClickException(line) from None

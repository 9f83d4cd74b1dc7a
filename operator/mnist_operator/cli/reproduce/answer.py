"""mnistctl reproduce: make a model again by its record, and tell whether it is it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from mnist_operator.cli import jobs, screen
from mnist_operator.cli.clusters import Place
from mnist_operator.cli.failures import ExitStatus, NoAnswerError
from mnist_operator.cli.inquiries import ask, connect, output_branch
from mnist_operator.cli.opened import Opened, find_folder
from mnist_operator.cli.references import Reference, parse_reference
from mnist_operator.cli.reproduce import records
from mnist_operator.cli.reproduce import run as staging
from mnist_operator.cli.reproduce.comparison import compare
from mnist_operator.cli.reproduce.recipes import Recipe, read_recipe
from mnist_operator.cli.reproduce.report import (
    build_report,
    is_reproduced,
    report_lines,
)
from mnist_operator.cli.reproduce.run import Run
from mnist_operator.cli.reproduce.running import Reproducer
from mnist_operator.cli.statements import dig_text
from mnist_operator.commits import Branch
from mnist_operator.errors import InvalidSpecError
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.resource import parse_training
from mnist_operator.tfjob import TRAINING_LABEL, Endpoint

__all__ = ["show_reproduction"]

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for, beside the model."""

    place: Place
    image: str
    s3_endpoint: str
    secret: str
    tolerance: float
    wait: bool
    keep: bool
    seconds: float
    pull_seconds: float


def show_reproduction(
    *,
    reference: str,
    exact: bool,
    kind: str | None,
    namespace: str | None,
    kubeconfig: str | None,
    context: str | None,
    image: str,
    s3_endpoint: str,
    secret: str,
    tolerance: float,
    wait: bool,
    keep: bool,
    seconds: float,
    pull_seconds: float,
    **options: Any,
) -> None:
    """Make a model again, and end with whether that is the same model."""
    connection = connect(options)
    wanted = _read_reference(reference, output_branch(options))
    wish = Wish(
        place=Place(kubeconfig, context, namespace),
        image=image,
        s3_endpoint=s3_endpoint,
        secret=secret,
        tolerance=tolerance,
        wait=wait,
        keep=keep,
        seconds=seconds,
        pull_seconds=pull_seconds,
    )

    async def answer(client: Pachyderm) -> dict[str, Any]:
        if isinstance(wanted, Path):
            opened = records.open_trusted_folder(wanted)
        else:
            opened = await records.open_trusted(client, wanted)
        recipe = read_recipe(opened, image=image)
        await records.check_inputs(client, recipe, opened)
        run, compared = await _make(client, recipe, opened, wish)
        return build_report(reference, recipe, run, compared)

    try:
        report = ask(connection, answer)
    except KeyboardInterrupt:
        click.echo("Its TFJob goes on: the same command waits for it again", err=True)
        raise click.exceptions.Exit(ExitStatus.INTERRUPTED) from None
    screen.tell(report, kind, report_lines)
    if report["verdict"] is not None and not is_reproduced(report, exact=exact):
        if exact:
            click.echo("It has other bytes, and --exact asks for the same", err=True)
        raise click.exceptions.Exit(ExitStatus.UNTRUSTED)


def _read_reference(text: str, default: Branch) -> Reference | Path:
    """A folder, if there is one of that name, else a model in Pachyderm."""
    folder = find_folder(text)
    if folder is not None:
        return folder
    try:
        return parse_reference(text, default)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


async def _make(
    client: Pachyderm, recipe: Recipe, opened: Opened, wish: Wish
) -> tuple[Run, dict[str, Any] | None]:
    """Run it, and compare; without a comparison if nobody waits."""
    async with jobs.connect(wish.place, os.environ) as cluster:
        namespace = wish.place.namespace or recipe.namespace
        training = await cluster.training(recipe.namespace, recipe.name)
        endpoint = await _find_endpoint(cluster, recipe, namespace, training, wish)
        reproducer = Reproducer(
            client, cluster, recipe, namespace, _tell, wish.pull_seconds, wish.keep
        )
        run = await reproducer.start(endpoint, _overrides(training))
        if not wish.wait:
            return run, None
        run = await reproducer.wait(run, wish.seconds)
    made = await records.read_made(client, recipe, run)
    metrics = await records.read_metrics(client, recipe, opened)
    compared = compare(
        recipe, opened.statement, metrics, made, tolerance=wish.tolerance
    )
    return run, compared


async def _find_endpoint(
    cluster: jobs.Jobs,
    recipe: Recipe,
    namespace: str,
    training: Body | None,
    wish: Wish,
) -> Endpoint:
    """How its pod reaches pachd: as asked, as its MnistTraining says, or as others do.

    Raises:
        NoAnswerError: Nothing says it.
    """
    address = wish.s3_endpoint or dig_text(training, *_S3_ENDPOINT) or ""
    if not address:
        selector = f"{TRAINING_LABEL}={recipe.name}"
        address = staging.find_endpoint(
            await cluster.tfjobs(recipe.namespace, selector)
        )
    if not address:
        raise NoAnswerError(
            "nothing says where a pod finds pachd's S3 gateway, since no TFJob of"
            f" MnistTraining {recipe.namespace}/{recipe.name} is left: name it with"
            " --s3-endpoint"
        )
    secret = wish.secret
    if not secret and namespace == recipe.namespace:
        secret = dig_text(training, *_SECRET) or ""
    keys = await cluster.secret_keys(namespace, secret) if secret else frozenset()
    if keys is None:
        raise NoAnswerError(
            f"there is no Secret {namespace}/{secret}: create it with key token, or"
            " name another one with --secret"
        )
    return staging.make_endpoint(address, secret, keys)


_S3_ENDPOINT = ("spec", "pachyderm", "s3Endpoint")
_SECRET = ("spec", "pachyderm", "secretRef", "name")


def _overrides(training: Body | None) -> dict[str, Any]:
    """What the MnistTraining adds to its TFJobs, as long as it is there and valid."""
    if training is None:
        return {}
    try:
        return parse_training(training).spec.trainer.dump_job()
    except InvalidSpecError:
        return {}


def _tell(line: str) -> None:
    click.echo(line, err=True)

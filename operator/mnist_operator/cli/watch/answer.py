"""The answer to mnistctl watch: ask, find what is new, tell it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import click
from rich.console import Console

from mnist_operator.cli.clusters import Cluster, Place, ask
from mnist_operator.cli.failures import ExitStatus
from mnist_operator.cli.get import happenings
from mnist_operator.cli.get.trainings import split_name, warn
from mnist_operator.cli.watch.changes import Change, follow_all, follow_one
from mnist_operator.cli.watch.tellers import Json, Lines, Screen, Teller

__all__ = ["follow"]


def follow(
    *,
    name: str | None,
    namespace: str | None,
    everywhere: bool,
    until_ready: bool,
    seconds: float | None,
    kind: str | None,
    kubeconfig: str | None,
    context: str | None,
) -> None:
    """Tell what happens to one MnistTraining, or to all; exit with what it came to."""
    if everywhere and (name or namespace):
        other = "NAME" if name else "--namespace"
        raise click.UsageError(f"--all-namespaces and {other} exclude each other")
    if until_ready and not name:
        raise click.UsageError("--until-ready waits for one MnistTraining: name it")
    before, last = split_name(name) if name else ("", "")

    async def look(cluster: Cluster) -> int:
        where = "" if everywhere else before or cluster.namespace
        if last:
            changes = follow_one(cluster, where, last, warn)
        else:
            changes = follow_all(cluster, where, warn)
        try:
            async with asyncio.timeout(seconds), aclosing(changes):
                teller = _find_teller(kind, named=not last)
                return await _tell_all(changes, teller, until_ready=until_ready)
        except TimeoutError:
            click.echo(f"Timed out after {seconds:g} seconds", err=True)
            return ExitStatus.TIMED_OUT

    try:
        status = ask(Place(kubeconfig, context, namespace), look)
    except KeyboardInterrupt:
        status = ExitStatus.INTERRUPTED
    raise click.exceptions.Exit(status)


def _find_teller(kind: str | None, *, named: bool) -> Teller:
    if kind == "json":
        return Json()
    console = Console(highlight=False, emoji=False)
    return Screen(console, named=named) if console.is_terminal else Lines(named=named)


async def _tell_all(
    changes: AsyncGenerator[Change], teller: Teller, *, until_ready: bool
) -> int:
    with teller.showing():
        async for change in changes:
            told = teller.memory.hear(change)
            teller.tell(change, told)
            verdict = happenings.verdict(change.body) if change.body else None
            if until_ready and verdict is not None:
                return verdict
    click.echo("It was deleted", err=True)
    return ExitStatus.NO_ANSWER

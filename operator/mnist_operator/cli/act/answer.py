"""What a user asks the operator to do: train a commit again, pause, go on.

All of it is a change to the MnistTraining: an annotation or spec.suspend. The operator
does the rest, and says in the status what came of it.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import click

from mnist_operator.cli import refusals
from mnist_operator.cli.act.commits import find_commit
from mnist_operator.cli.act.outcomes import (
    End,
    progress,
    tell_waiting,
    why_it_ended,
)
from mnist_operator.cli.clusters import Cluster, Place, ask
from mnist_operator.cli.failures import (
    ExitStatus,
    NoAnswerError,
    RunFailedError,
    TimedOutError,
)
from mnist_operator.cli.get.trainings import split_name, warn
from mnist_operator.cli.statements import dig
from mnist_operator.resource import REQUESTED_AT, REQUESTED_COMMIT
from mnist_operator.status import timestamp

__all__ = ["request_run", "switch"]

Body = dict[str, Any]


def request_run(
    *,
    name: str,
    namespace: str | None,
    wanted: str | None,
    wait: bool,
    seconds: float | None,
    kubeconfig: str | None,
    context: str | None,
    **of_pachd: Any,
) -> None:
    """Ask for a run; with `wait`, exit with what came of this very request."""
    if seconds is not None and not wait:
        raise click.UsageError("--timeout goes with --wait")
    before, last = split_name(name)

    async def act(cluster: Cluster) -> None:
        where = before or cluster.namespace
        body = await cluster.find(where, last)
        commit = await find_commit(body, wanted, of_pachd) if wanted else None
        request = _identity(datetime.now(UTC))
        annotations = {REQUESTED_AT: request, REQUESTED_COMMIT: commit}
        patch = {"metadata": {"annotations": annotations}}
        changed = await cluster.change(where, last, patch)
        _tell_request(changed, commit, request)
        if wait:
            await _wait(cluster, changed, request, seconds)
        else:
            click.echo(f"See what comes of it: mnistctl watch {where}/{last}")

    try:
        ask(Place(kubeconfig, context, namespace), act)
    except KeyboardInterrupt:
        raise click.exceptions.Exit(ExitStatus.INTERRUPTED) from None


def switch(
    *,
    name: str,
    namespace: str | None,
    suspend: bool,
    kubeconfig: str | None,
    context: str | None,
) -> None:
    """Let a MnistTraining start nothing new, or let it go on; twice is once."""
    before, last = split_name(name)

    async def act(cluster: Cluster) -> str:
        where = before or cluster.namespace
        body = await cluster.find(where, last)
        key, waiting = f"{where}/{last}", tell_waiting(body)
        if bool(dig(body, "spec", "suspend")) is suspend:
            state = "suspended already" if suspend else "not suspended"
            return f"{key} is {state}: {waiting}"
        await cluster.change(where, last, {"spec": {"suspend": suspend}})
        if suspend:
            return f"Suspended {key}, nothing new is started: {waiting}"
        return f"Resumed {key}: {waiting}"

    click.echo(ask(Place(kubeconfig, context, namespace), act))


def _identity(now: datetime) -> str:
    """RFC 3339, and so precise that nobody else asks with the same."""
    return now.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _tell_request(body: Body, commit: str | None, request: str) -> None:
    meta = body["metadata"]
    what = f"input commit {commit}" if commit else "the newest finished input commit"
    key = f"{meta['namespace']}/{meta['name']}"
    click.echo(f"Requested a run of {key} on {what}, as {request}")
    if dig(body, "spec", "suspend"):
        line = f"spec.suspend is true, so it is started after: mnistctl resume {key}"
        refusals.warn(line)


async def _wait(
    cluster: Cluster, body: Body, request: str, seconds: float | None
) -> None:
    namespace, name = body["metadata"]["namespace"], body["metadata"]["name"]
    bodies = cluster.follow(namespace, name, known=body, lost=warn)
    try:
        async with asyncio.timeout(seconds), aclosing(bodies):
            end = await _tell_progress(bodies, request)
    except TimeoutError:
        line = f"it is not over after {seconds:g} seconds: mnistctl watch"
        raise TimedOutError(f"{line} {namespace}/{name} shows how it goes on") from None
    match end.status:
        case ExitStatus.DONE:
            _tell(end.line)
        case ExitStatus.RUN_FAILED:
            where = f"mnistctl runs {namespace}/{name} names its log"
            raise RunFailedError(f"{end.line} ({where})")
        case _:
            raise NoAnswerError(end.line)


async def _tell_progress(bodies: AsyncGenerator[Body], request: str) -> End:
    told = ""
    async for body in bodies:
        end = why_it_ended(body, request)
        if end is not None:
            return end
        line = progress(body, request)
        if line and line != told:
            _tell(line)
            told = line
    return End(ExitStatus.NO_ANSWER, "the MnistTraining was deleted")


def _tell(line: str) -> None:
    click.echo(f"{timestamp(datetime.now(UTC))}  {line}")

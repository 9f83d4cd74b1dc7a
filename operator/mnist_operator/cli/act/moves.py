"""Ask the operator to move the production branch, and tell what came of that.

It is annotations of the MnistTraining; the operator looks at the gate, moves the
branch, and answers in the status.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, Literal

import click

from mnist_operator.cli.act.answers import find_answer, find_model, why_not
from mnist_operator.cli.act.outcomes import End
from mnist_operator.cli.clusters import Cluster, Place, ask
from mnist_operator.cli.failures import ExitStatus, NoAnswerError, TimedOutError
from mnist_operator.cli.get.trainings import split_name, warn
from mnist_operator.promotion_spec import (
    PROMOTION_COMMIT,
    PROMOTION_FORCED,
    PROMOTION_REQUEST,
    PROMOTION_REQUESTED_AT,
)

__all__ = ["request_move"]

Body = dict[str, Any]


def request_move(
    kind: Literal["Promote", "Rollback"],
    *,
    name: str,
    model: str | None,
    namespace: str | None,
    seconds: float,
    kubeconfig: str | None,
    context: str | None,
    forced: str | None = None,
) -> None:
    """Ask for a promotion or a rollback, and wait for the answer."""
    before, last = split_name(name)

    async def act(cluster: Cluster) -> None:
        where = before or cluster.namespace
        body = await cluster.find(where, last)
        if fault := why_not(body):
            raise NoAnswerError(fault)
        commit = find_model(body, model) if model else None
        request = _identity(datetime.now(UTC))
        annotations = {
            PROMOTION_REQUESTED_AT: request,
            PROMOTION_REQUEST: kind,
            PROMOTION_COMMIT: commit,
            PROMOTION_FORCED: forced,
        }
        patch = {"metadata": {"annotations": annotations}}
        changed = await cluster.change(where, last, patch)
        await _wait(cluster, changed, request, seconds)

    try:
        ask(Place(kubeconfig, context, namespace), act)
    except KeyboardInterrupt:
        raise click.exceptions.Exit(ExitStatus.INTERRUPTED) from None


def _identity(now: datetime) -> str:
    """RFC 3339, and so precise that nobody else asks with the same."""
    return now.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


async def _wait(cluster: Cluster, body: Body, request: str, seconds: float) -> None:
    namespace, name = body["metadata"]["namespace"], body["metadata"]["name"]
    bodies = cluster.follow(namespace, name, known=body, lost=warn)
    try:
        async with asyncio.timeout(seconds), aclosing(bodies):
            end = await _follow(bodies, request)
    except TimeoutError:
        line = (
            f"it was not answered within {seconds:g} seconds, and still may be:"
            f" mnistctl get {namespace}/{name} shows status.promotion.lastAnswer"
        )
        raise TimedOutError(line) from None
    if end.status is not ExitStatus.DONE:
        raise NoAnswerError(end.line)
    click.echo(end.line)


async def _follow(bodies: AsyncGenerator[Body], request: str) -> End:
    async for body in bodies:
        end = find_answer(body, request)
        if end is not None:
            return end
    return End(ExitStatus.NO_ANSWER, "the MnistTraining was deleted")

"""What the operator would do now, and what comes after: asked, and never done."""

from datetime import datetime
from typing import Any

import click

from mnist_operator.cli import screen
from mnist_operator.cli.clusters import Cluster, Place, ask
from mnist_operator.cli.failures import NoAnswerError
from mnist_operator.cli.get.trainings import split_name
from mnist_operator.cli.inquiries import connect
from mnist_operator.cli.plan.course import foresee
from mnist_operator.cli.plan.doors import open_eyes
from mnist_operator.cli.plan.jobs import make_tfjobs
from mnist_operator.cli.plan.report import (
    make_report,
    manifest_lines,
    plan_lines,
)
from mnist_operator.cli.plan.settings import Own
from mnist_operator.cli.reach import telling
from mnist_operator.cli.statements import dig
from mnist_operator.resource import MnistTraining, parse_training

__all__ = ["show"]

_STEPS_FOR_ONE, _STEPS_BESIDE = 8, 50
"""A commit's whole life takes no more steps than that, and upkeep some of its own."""


def show(
    *,
    name: str,
    namespace: str | None,
    limit: int,
    kind: str | None,
    trainer_image: str | None,
    s3_endpoint: str | None,
    named: bool,
    kubeconfig: str | None,
    context: str | None,
    **of_pachd: Any,
) -> None:
    """Tell what would be done about each commit, and show the TFJobs."""
    before, last = split_name(name)
    own = Own(connect(of_pachd), named, trainer_image, s3_endpoint)

    async def look(cluster: Cluster) -> dict[str, Any]:
        body = await cluster.find(before or cluster.namespace, last)
        if dig(body, "metadata", "deletionTimestamp"):
            raise NoAnswerError(f"{last} is being deleted: nothing is started any more")
        training = parse_training(body)
        address, signed_in = own.way_to(training)
        async with telling(address, signed_in=signed_in):
            return await _plan(cluster, training, own, limit)

    report = ask(Place(kubeconfig, context, namespace), look)
    if kind == "yaml":
        click.echo("\n".join(manifest_lines(report)))
    else:
        screen.tell(report, kind, plan_lines)


async def _plan(
    cluster: Cluster, training: MnistTraining, own: Own, limit: int
) -> dict[str, Any]:
    eyes = await open_eyes(cluster, training, own)
    try:
        observed, door = await eyes.look(training)
        now: datetime = cluster.kube.clock.now()
        steps = _STEPS_FOR_ONE * limit + _STEPS_BESIDE
        course = await foresee(observed, eyes.refresh, now=now, limit=steps)
        jobs = make_tfjobs(course, door.endpoint)
        notes = [*eyes.notes, *_doubts(training)]
        return make_report(course, jobs, notes, now=now, limit=limit)
    finally:
        await eyes.close()


def _doubts(training: MnistTraining) -> list[str]:
    """Whether anybody is there to do it."""
    seen = training.status.get("observedGeneration") or 0
    if seen >= training.generation:
        return []
    return ["The operator has not looked at this spec yet: is it running?"]

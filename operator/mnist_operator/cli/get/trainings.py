"""What Kubernetes alone can answer: how MnistTrainings stand."""

import re
from datetime import UTC, datetime
from typing import Any

import click

from mnist_operator.cli import refusals, screen
from mnist_operator.cli.clusters import Cluster, Place, ask
from mnist_operator.cli.get.heartbeats import LABEL, tell_silence
from mnist_operator.cli.get.stories import overview_lines, story_lines

__all__ = ["show", "split_name", "warn"]

Body = dict[str, Any]

_NAME = re.compile(r"(?:(?P<namespace>[a-z0-9-]+)/)?(?P<name>[a-z0-9.-]*[a-z0-9])")


def show(
    *,
    name: str | None,
    namespace: str | None,
    everywhere: bool,
    kind: str | None,
    kubeconfig: str | None,
    context: str | None,
) -> None:
    """Tell how one MnistTraining stands, or all of them."""
    if everywhere and (name or namespace):
        other = "NAME" if name else "--namespace"
        raise click.UsageError(f"--all-namespaces and {other} exclude each other")
    before, last = split_name(name) if name else ("", "")

    async def look(cluster: Cluster) -> tuple[str, list[Body], list[Body]]:
        asked = "" if everywhere else before or cluster.namespace
        found = [await cluster.find(asked, last)] if last else await cluster.list(asked)
        # For people alone: a program has asked for these objects, and for no other.
        wanted = found and kind is None
        return asked, found, await cluster.deployments(LABEL) if wanted else []

    asked, found, operators = ask(Place(kubeconfig, context, namespace), look)
    bodies, now = [_readable(each) for each in found], datetime.now(UTC)
    silence = tell_silence([] if last else found, operators, now=now)
    if silence and kind is None:
        refusals.warn(silence)
    if last:
        screen.tell(bodies[0], kind, lambda body: story_lines(body, now=now))
    elif kind or bodies:
        items = {"apiVersion": "v1", "kind": "List", "items": bodies}
        screen.tell(
            items,
            kind,
            lambda each: overview_lines(each["items"], everywhere=everywhere, now=now),
        )
    else:
        where = f"namespace {asked}" if asked else "any namespace"
        hint = "; --all-namespaces shows all" if asked else ""
        click.echo(f"There is no MnistTraining in {where}{hint}", err=True)


def warn(line: str) -> None:
    """Tell of an outage that is waited for."""
    refusals.warn(f"{line}; trying again")


def split_name(name: str) -> tuple[str, str]:
    """The namespace, if one is named, and the name of a MnistTraining.

    Raises:
        click.UsageError: It is neither NAME nor NAMESPACE/NAME.
    """
    parts = _NAME.fullmatch(name)
    if parts is None:
        raise click.UsageError(f"{name!r} is no name: write NAME or NAMESPACE/NAME")
    return parts["namespace"] or "", parts["name"]


def _readable(body: Body) -> Body:
    """Without the fields' managers, as kubectl shows it too."""
    meta = {k: v for k, v in body["metadata"].items() if k != "managedFields"}
    return {**body, "metadata": meta}

"""Where the records of a training are: where options say, else where its spec says.

A spec is in the cluster, and the records are in Pachyderm: without the one the others
can be read all the same, by whoever names the repo.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import click
from click.core import ParameterSource
from pydantic import ValidationError

from mnist_operator.cli.clusters import Cluster, Place, ask
from mnist_operator.cli.inquiries import name_training
from mnist_operator.resource import MnistTraining, Output, bare_training

__all__ = ["find_training", "is_place_given", "join_body"]

_PLACES = ("project", "repo", "branch", "run_repo")
_WHERE = ("kubeconfig", "context")
_PATIENCE_SECONDS = 5.0
"""Longer than a cluster that is there takes: without it there is an answer, too."""


def find_training(
    name: str, namespace: str, options: Mapping[str, Any]
) -> MnistTraining:
    """As much of a MnistTraining as says where its records are.

    Options for that are taken as they are. Without any its spec is looked up in the
    cluster; where there is no cluster, or no such training (any more), their defaults
    count.
    """
    named = name_training(name, namespace, options)
    if is_place_given():
        return named
    body = _look_up(named, options)
    return named if body is None else join_body(named, body)


def is_place_given() -> bool:
    """Whether somebody wrote an option that says where the records are."""
    context = click.get_current_context()
    defaults = {None, ParameterSource.DEFAULT}
    return any(context.get_parameter_source(each) not in defaults for each in _PLACES)


def join_body(named: MnistTraining, body: Mapping[str, Any]) -> MnistTraining:
    """The training with what the cluster has of it: where its records are, its status.

    The rest of its spec may be of another version, and is not needed here.
    """
    try:
        output = Output.model_validate((body.get("spec") or {}).get("output") or {})
    except ValidationError:
        _tell(named, f"spec.output of {named.key} cannot be read")
        return named
    spec = named.spec.model_copy(update={"output": output})
    return bare_training(body, spec=spec)


def _look_up(named: MnistTraining, options: Mapping[str, Any]) -> dict[str, Any] | None:
    """The training in the cluster, if it can be had."""
    place = Place(options["kubeconfig"], options["context"], named.namespace)

    async def read(cluster: Cluster) -> dict[str, Any] | None:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await cluster.kube.get_training(named.namespace, named.name)

    try:
        return ask(place, read)
    except TimeoutError:
        _tell(named, f"the cluster has not answered in {_PATIENCE_SECONDS:.0f} s")
        return None
    except click.ClickException as error:
        # That there is no cluster to ask is no news, unless somebody named one.
        if not isinstance(error, click.UsageError) or any(map(options.get, _WHERE)):
            _tell(named, error.message)
        return None


def _tell(named: MnistTraining, why: str) -> None:
    """Say where is looked now, since that may be the wrong place."""
    place = named.spec.output
    where = f"{place.project}/{place.repo}@{place.branch}"
    click.echo(f"{why}; so the models are looked for on {where}, see --repo", err=True)

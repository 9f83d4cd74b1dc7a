"""Models to be made again: an operator that makes them, trainers that learn others."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from integration import world as worlds
from integration.following.conftest import Gate
from integration.mnistctl_world import fork_mnistctl
from integration.operators import InProcess
from integration.world import RUNS, World
from local_cluster.node import Image
from mnist_operator.commits import Branch

REPRODUCTIONS = Branch(RUNS, "team_mnist_reproduction")
SALTED, WORSE = "tiny/salted:1", "tiny/worse:1"
_ENVIRONMENTS = {
    SALTED: {"TINY_SALT": "x"},
    WORSE: {"TINY_SALT": "y", "TINY_ACCURACY": "0.9"},
}


@asynccontextmanager
async def stage(folder: Path, monkeypatch: Any) -> AsyncIterator[World]:
    """A whole cluster with trainers that learn other things, and no operator."""
    tiny = worlds.IMAGES[worlds.IMAGE].entrypoint
    for name, variables in _ENVIRONMENTS.items():
        monkeypatch.setitem(worlds.IMAGES, name, Image(tiny, variables))
    async with World(folder) as world:
        await world.create_repo()
        yield world


async def train(world, **data):
    """Have the operator make a model; gone afterwards, it cannot help."""
    await world.apply(output={"provenance": data.pop("provenance", "Native")})
    async with InProcess(world):
        model = await world.model_of(await world.push(**data))
        await world.reason("UpToDate")
    return model


async def train_at_a_gate(world, folder):
    """The same, by a trainer that stops at a gate from now on."""
    gate = Gate(folder / "gate")
    gate.open()
    await train(world, digits=1, wait_for=str(gate))
    await gate.reached()
    gate.shut()
    return gate


def environment(world):
    return {
        "PACHD_ADDRESS": world.cluster.pachd_address,
        "KUBECONFIG": str(world.cluster.kubeconfig),
    }


def reproducer(world):
    """Ask for the current model, unless another is named."""

    async def reproduce(*arguments, reference="outputrepo@master"):
        ask = partial(fork_mnistctl, **environment(world))
        return await ask("reproduce", reference, *arguments)

    return reproduce

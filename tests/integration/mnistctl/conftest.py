"""A pachd for each test, with what the operator would have left in it."""

import pytest

from integration.mnistctl_world import World, run_mnistctl
from local_cluster.pachd import Pachd
from mnist_operator.pachyderm import Connection, Pachyderm


@pytest.fixture(name="pachd")
async def _pachd(tmp_path):
    async with Pachd(tmp_path / "pachd", finish_seconds=0.01) as server:
        yield server


@pytest.fixture(name="world")
async def _world(pachd):
    client = Pachyderm(Connection(pachd.address))
    world = World(client)
    await world.start()
    yield world
    await client.close()


@pytest.fixture(name="ask")
async def _ask(pachd):
    async def _run(*arguments, **options):
        return await run_mnistctl(*arguments, address=pachd.address, **options)

    return _run

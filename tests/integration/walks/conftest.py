"""A world with an operator that is a process of its own, and whose log is read."""

import pytest

from integration.operators import Process
from integration.world import World


@pytest.fixture(name="world")
async def _world(tmp_path):
    async with World(tmp_path) as world:
        await world.create_repo()
        yield world


@pytest.fixture(name="log")
async def _log(world):
    """Where the operator logs, while it runs."""
    async with Process(world) as operator:
        yield operator.log

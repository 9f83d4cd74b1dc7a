"""A world for each test, with the input repo; the operators are the test's own."""

import pytest

from integration.world import World


@pytest.fixture(name="world")
async def _world(tmp_path):
    async with World(tmp_path) as world:
        await world.create_repo()
        yield world

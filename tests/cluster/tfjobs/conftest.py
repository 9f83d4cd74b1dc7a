"""Worlds without a node: the tests say what becomes of the pods."""

import pytest

from cluster.tfjobs.hands import Hands
from cluster.worlds import RealWorld


@pytest.fixture(name="world")
async def _world(plane, tfjob_controller, account, namespace, tmp_path):
    """A real API server and TFJob controller, a local pachd, and nobody's node."""
    made = RealWorld(tmp_path, plane, namespace, account, with_node=False)
    async with made as world:
        await world.create_repo()
        yield world


@pytest.fixture(name="hands")
async def _hands(world):
    """The hands that move the pods."""
    async with Hands(world) as hands:
        yield hands

"""A world for each test, as in `following`: here with users who make mistakes.

Where many mistakes can be made in one world, the tests of a module share it.
"""

import pytest
import pytest_asyncio

from integration.following.conftest import Gate
from integration.world import World


@pytest.fixture(name="gate")
def _gate(tmp_path):
    """Hold trainers whose data says ``wait_for=str(gate)``."""
    gate = Gate(tmp_path / "gate")
    yield gate
    gate.open()


@pytest_asyncio.fixture(name="shared", scope="module", loop_scope="module")
async def _shared_world(tmp_path_factory):
    async with World(tmp_path_factory.mktemp("world")) as world:
        await world.create_repo()
        yield world

"""The world that most tests have, and what makes those with servers faster."""

import gc
import os

import pytest

from integration.operators import InProcess
from integration.world import World


@pytest.fixture(autouse=True, scope="session")
def _no_public_authorities():
    """Each client would read 150 public CAs at its start, for servers without TLS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", os.devnull)
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_search_through_imports():
    """What was imported stays for ever, so the collector need not look through it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(name="world")
async def _world(tmp_path):
    async with World(tmp_path) as world:
        await world.create_repo()
        yield world


@pytest.fixture(name="operator")
async def _operator(world):
    async with InProcess(world) as operator:
        yield operator

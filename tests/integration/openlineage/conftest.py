"""A world with an operator that tells an OpenLineage backend of its runs."""

import pytest

from integration.mnistctl_world import fork_mnistctl
from integration.operators import InProcess
from unit.lineage_backend import Backend


@pytest.fixture(name="backend")
async def _backend():
    async with Backend() as backend:
        yield backend


@pytest.fixture(name="listened")
def _listened(backend, monkeypatch):
    """The variables by which an operator finds the backend, as a pod has them."""
    monkeypatch.setenv("OPENLINEAGE_URL", backend.url)
    monkeypatch.setenv("OPENLINEAGE_API_KEY", "a-key-to-look-for")


@pytest.fixture(name="operator")
async def _operator(world, listened):
    async with InProcess(world) as operator:
        yield operator


@pytest.fixture(name="export")
async def _export(world):
    async def _run(*arguments):
        address = world.cluster.pachd_address
        return await fork_mnistctl("export", *arguments, PACHD_ADDRESS=address)

    return _run

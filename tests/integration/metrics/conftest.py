"""A world with an operator whose metrics can be asked for."""

import asyncio
from functools import partial

import pytest

from integration.metrics.scrapes import Scraper
from integration.operators import InProcess
from integration.world import until
from local_cluster.ports import HeldPort
from unit.lineage_backend import Backend


@pytest.fixture(name="scraper")
def _scraper(monkeypatch):
    port = HeldPort()
    monkeypatch.setenv("MNIST_OPERATOR_METRICS_PORT", str(port.number))
    yield Scraper(port.number)
    port.let_go()


@pytest.fixture(name="backend")
async def _backend(monkeypatch):
    async with Backend() as backend:
        monkeypatch.setenv("OPENLINEAGE_URL", backend.url)
        yield backend


@pytest.fixture(name="operator")
async def _operator(world, scraper, backend):
    async with InProcess(world) as operator:
        await scraper.until(lambda found: found.samples, "the port")
        yield operator


class Gate:
    """A file that a trainer waits for."""

    def __init__(self, path):
        self._path = path

    def __str__(self):
        return str(self._path)

    def open(self):
        self._path.touch()

    async def reached(self):
        sign = self._path.with_name(f"{self._path.name}.reached")
        await until(partial(asyncio.to_thread, sign.exists), "a trainer at the gate")


@pytest.fixture(name="gate")
def _gate(tmp_path):
    return Gate(tmp_path / "gate")

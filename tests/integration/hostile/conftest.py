"""A world whose pachd can be made to lie, with an operator that must not mind.

One world for the tests of a module. Whatever they do to it, no test may leave behind
an internal error in the operator's log, nor a commit that was trained twice.
"""

import logging

import pytest
import pytest_asyncio

from integration.hostile.junk_pachd import JunkPachd
from integration.hostile.liars import Liar
from integration.operators import InProcess
from integration.world import World


class Log(logging.Handler):
    """What the operator says, without a word of anybody else."""

    def __init__(self):
        super().__init__(logging.INFO)
        self.faults = []

    def emit(self, record):
        if record.levelno >= logging.ERROR or record.exc_info:
            self.faults.append(record.getMessage())


@pytest.fixture(name="liar", scope="module")
def _liar():
    return Liar()


@pytest_asyncio.fixture(name="shared", scope="module", loop_scope="module")
async def _shared(tmp_path_factory, liar):
    folder = tmp_path_factory.mktemp("world")
    async with World(folder, interceptors=[liar]) as world:
        await world.create_repo()
        yield world


@pytest_asyncio.fixture(name="operated", scope="module", loop_scope="module")
async def _operated(shared):
    async with InProcess(shared):
        yield shared


@pytest.fixture(autouse=True)
def _honest(liar):
    yield
    liar.repent()


@pytest.fixture(name="log", autouse=True)
def _log():
    log, logger = Log(), logging.getLogger("mnist_operator")
    logger.addHandler(log)
    yield log
    logger.removeHandler(log)
    assert [] == log.faults


@pytest.fixture(name="pachd")
def _pachd():
    """No world's: one that answers whatever a test puts into it."""
    return JunkPachd()


@pytest.fixture(name="client")
async def _client(pachd):
    client = await pachd.start()
    yield client
    await client.close()
    await pachd.stop()

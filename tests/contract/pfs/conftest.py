"""A server to play against: the one that the environment names, or a local one."""

import os
import time
from collections.abc import Iterator

import pytest

from contract.pfs.aio_clients import AioClient
from contract.pfs.clients import S3, Grpc, tolerantly
from contract.pfs.player import Player
from contract.pfs.preludes import HOOKS
from contract.pfs.processes import Process
from local_cluster.pachd import Pachd


@pytest.fixture(scope="session")
def own_server(tmp_path_factory) -> Iterator[Process]:
    server = Process(tmp_path_factory.mktemp("own-pachd"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def addresses(request) -> tuple[str, str]:
    given = os.environ.get("PACHD_ADDRESS"), os.environ.get("S3_ENDPOINT")
    if all(given):
        return given
    server = request.getfixturevalue("own_server")
    return server.address, server.s3_endpoint


@pytest.fixture(scope="session")
def player(addresses) -> Iterator[Player]:
    client = Grpc(addresses[0])
    # A stranger's server may be slow; the local one answers in milliseconds.
    patience = 5.0 if "PACHD_ADDRESS" in os.environ else 1.0
    suffix = f"-t{time.time_ns() // 1_000_000:x}p{os.getpid():x}"
    player = Player(client, S3(addresses[1]), suffix, patience, HOOKS)
    yield player
    # Outputs before inputs: an input that others descend from is protected.
    for repo in reversed(player.names.repos):
        request = {"repo": {"name": repo, "type": "user"}, "force": True}
        tolerantly(lambda request=request: client.call("DeleteRepo", request))
    client.close()


@pytest.fixture
async def pachd(tmp_path):
    """A local one, in the loop of the test."""
    async with Pachd(tmp_path) as pachd:
        yield pachd


@pytest.fixture
async def client(pachd):
    """One that shares its event loop with the server, where it has a repo."""
    async with AioClient(pachd.address) as client:
        await client.create_repo()
        yield client

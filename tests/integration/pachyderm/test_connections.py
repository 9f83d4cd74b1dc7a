"""Who shares a client, and when it is hung up."""

import asyncio
import gc
import weakref

import pytest

from integration.pachyderm.silent import Silent
from mnist_operator.commits import Repo
from mnist_operator.errors import UnreachableError
from mnist_operator.pachyderm import Connection, Connections

_REPO = Repo("default", "inputrepo")


async def test_equal_connections_share_a_client_and_another_token_does_not(pachd):
    connections = Connections()

    one = await connections.get(Connection(pachd.address))
    same = await connections.get(Connection(pachd.address))
    other = await connections.get(Connection(pachd.address, token="x"))

    assert one is same
    assert one is not other
    await connections.close()
    assert 0 == len(connections)


async def test_a_client_that_nobody_uses_is_hung_up(serve):
    clock = [0.0]
    connections = Connections(idle_seconds=60, now=lambda: clock[0])
    silent = Silent()
    address = (await serve(silent)).connection.address
    busy = await connections.get(Connection(address))
    asking = asyncio.create_task(busy.repo_exists(_REPO))
    await silent.asked.wait()
    await connections.get(Connection(address, token="idle"))

    clock[0] = 61.0
    await connections.get(Connection(address, token="newest"))

    assert 2 == len(connections)
    assert busy is await connections.get(Connection(address))
    await connections.close()
    with pytest.raises(UnreachableError):
        await asking


async def test_nothing_is_left_of_a_client_that_was_hung_up():
    clock = [0.0]
    connections = Connections(idle_seconds=60, now=lambda: clock[0])
    client = await connections.get(Connection("127.0.0.1:1", token="replaced"))
    connections.glance(client)
    left = weakref.ref(client)
    del client
    clock[0] = 61.0
    await connections.get(Connection("127.0.0.1:1"))
    gc.collect()

    assert left() is None


async def test_a_client_that_makes_calls_is_kept_although_nobody_asks_for_it(pachd):
    clock = [0.0]
    connections = Connections(idle_seconds=60, now=lambda: clock[0])
    polling = await connections.get(Connection(pachd.address))
    for _ in range(3):
        clock[0] += 61.0
        await polling.repo_exists(_REPO)
        await connections.get(Connection(pachd.address, token=str(clock[0])))

    assert 2 == len(connections)
    assert polling is await connections.get(Connection(pachd.address))
    await connections.close()

"""A server of the local cluster that is stopped finds its ports again."""

import socket

import pytest

from local_cluster.kube import KubeServer
from local_cluster.pachd import Pachd


def ports_of(server):
    if isinstance(server, Pachd):
        places = [server.address, server.s3_endpoint]
    else:
        places = [server.url]
    return [int(place.rpartition(":")[2]) for place in places]


@pytest.mark.parametrize("make", [Pachd, KubeServer])
@pytest.mark.parametrize("end", ["stop", "kill"])
async def test_nobody_else_gets_them_meanwhile(tmp_path, make, end):
    async with make(tmp_path) as server:
        before = ports_of(server)
        await getattr(server, end)()

        for port in before:
            with socket.socket() as other, pytest.raises(OSError, match="in use"):
                other.bind(("127.0.0.1", port))

        await server.start()
        assert before == ports_of(server)
        for port in before:
            socket.create_connection(("127.0.0.1", port), timeout=20).close()

"""Several workers on this machine, each with an address that nobody else has."""

import contextlib
import json
import secrets
import socket

HOST = "127.0.0.1"
_PORTS = range(12_000, 30_000)
"""Below those that the system gives to whoever asks for any."""


def free_addresses(count):
    found = []
    with contextlib.ExitStack() as held:
        while len(found) < count:
            taken = held.enter_context(socket.socket())
            address = (HOST, secrets.choice(_PORTS))
            with contextlib.suppress(OSError):
                taken.bind(address)
                found.append("{}:{}".format(*address))
    return found


def places(*, chief=0, worker=0, addresses=None):
    """What the training operator would tell each of them, number 0 first."""
    left = list(addresses or free_addresses(chief + worker))
    wanted = {"chief": chief, "worker": worker}
    cluster = {
        kind: [left.pop(0) for _ in range(count)]
        for kind, count in wanted.items()
        if count
    }
    return [
        json.dumps(
            {
                "cluster": cluster,
                "task": {"type": kind, "index": index},
                "environment": "cloud",
            }
        )
        for kind in cluster
        for index in range(wanted[kind])
    ]

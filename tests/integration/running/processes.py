"""Operators as processes that can be asked how they are, signalled and waited for."""

import asyncio
import os

import aiohttp

from integration.crash.forked import ForkedProcess
from integration.world import NAMESPACE, until
from local_cluster.kube.client import ClientError, path_of
from local_cluster.ports import HeldPort

LEASE = path_of("coordination.k8s.io/v1", "leases", (NAMESPACE, "mnist-operator"))
IN_TURN = {
    "MNIST_OPERATOR_LEASE_NAME": "mnist-operator",
    "MNIST_OPERATOR_LEASE_NAMESPACE": NAMESPACE,
}
"""The settings of an operator that works only with the Lease in hand."""


class Operator(ForkedProcess):
    """One operator, by the name of its pod."""

    def __init__(self, world, name="operator", **settings):
        super().__init__(world)
        self.name = name
        self.log = world.folder / f"{name}.log"
        self._settings = settings
        self._port = HeldPort()

    @property
    def environment(self):
        port = str(self._port.number)
        ours = {"MNIST_OPERATOR_HEALTH_PORT": port, "POD_NAME": self.name}
        return super().environment | ours | self._settings

    async def probe(self, path):
        """Status and body; 0 and nothing when nobody answers."""
        try:
            async with aiohttp.ClientSession() as session:
                url = f"http://127.0.0.1:{self._port.number}{path}"
                async with session.get(url) as answer:
                    return answer.status, await answer.json()
        except aiohttp.ClientError:
            return 0, {}

    async def answers(self, path, status, **body):
        """Wait until a probe has this answer; return its whole body."""

        async def look():
            found, said = await self.probe(path)
            fits = found == status and body.items() <= said.items()
            return said if fits else None

        return await until(look, f"{status} {body} from {path} of {self.name}")

    def signal(self, number):
        os.kill(self._forked.pid, number)

    async def status(self):
        """Wait for its end; return its exit status."""
        forked, self._forked = self._forked, None
        async with asyncio.timeout(60):
            await asyncio.to_thread(forked.join)
        found = forked.exitcode
        forked.close()
        return found

    @property
    def told(self):
        return self.log.read_text()


async def holder(world):
    """Whose the Lease is, by the name of the pod; empty when it is nobody's."""
    try:
        lease = await world.kube.call("GET", LEASE)
    except ClientError:
        return ""
    return lease["spec"]["holderIdentity"].rpartition("_")[0]

"""One Lease of coordination.k8s.io, as the API server keeps it."""

import aiohttp

from mnist_operator.election import LEASE_SECONDS, Lease
from mnist_operator.foreign import number, table, word
from mnist_operator.kube.answers import read_whole
from mnist_operator.kube.transport import Body, Transport

__all__ = ["Lease", "Leases"]

# A renewal that hangs must leave time for another one.
_DEADLINE = aiohttp.ClientTimeout(3.0)
_API = "coordination.k8s.io/v1"


class Leases:
    """Reads and writes one Lease."""

    def __init__(self, transport: Transport, namespace: str, name: str) -> None:
        self._transport = transport
        self._name = name
        self._path = f"/apis/{_API}/namespaces/{namespace}/leases"
        self.key = f"{namespace}/{name}"
        """As people name it."""

    async def read(self) -> Lease | None:
        """The Lease as it is now; None when there is none."""
        path = f"{self._path}/{self._name}"
        found = await self._transport.find(path, _DEADLINE, express=True)
        return None if found is None else _parse(found)

    async def write(self, lease: Lease) -> Lease:
        """Create it, or replace the one of its version.

        Raises:
            ConflictError: Somebody else was faster.
            NotFoundError: It was deleted in between.
        """
        body: Body = {
            "apiVersion": _API,
            "kind": "Lease",
            "metadata": {"name": self._name},
            "spec": {
                "holderIdentity": lease.holder,
                "leaseDurationSeconds": lease.seconds,
                "acquireTime": lease.acquired or None,
                "renewTime": lease.renewed,
                "leaseTransitions": lease.transitions,
            },
        }
        method, path = "POST", self._path
        if lease.version:
            body["metadata"]["resourceVersion"] = lease.version
            method, path = "PUT", f"{path}/{self._name}"
        written = await self._transport.call(
            method, path, body, timeout=_DEADLINE, express=True
        )
        return _parse(read_whole(written, f"{method} {path}"))


def _parse(body: Body) -> Lease:
    """What others wrote may lack anything."""
    spec = table(body.get("spec"))
    return Lease(
        holder=word(spec.get("holderIdentity")),
        seconds=number(spec.get("leaseDurationSeconds")) or LEASE_SECONDS,
        acquired=word(spec.get("acquireTime")),
        renewed=word(spec.get("renewTime")),
        transitions=number(spec.get("leaseTransitions")) or 0,
        version=word(table(body.get("metadata")).get("resourceVersion")),
    )

"""One Lease of coordination.k8s.io, as the API server keeps it."""

import json

import aiohttp

from mnist_operator.election import LEASE_SECONDS, Lease
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
        found = await self._transport.find(f"{self._path}/{self._name}", _DEADLINE)
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
        written = await self._transport.call(method, path, body, timeout=_DEADLINE)
        return _parse(json.loads(written))


def _parse(body: Body) -> Lease:
    """What others wrote may lack anything."""
    spec = body.get("spec") or {}
    return Lease(
        holder=spec.get("holderIdentity") or "",
        seconds=spec.get("leaseDurationSeconds") or LEASE_SECONDS,
        acquired=spec.get("acquireTime") or "",
        renewed=spec.get("renewTime") or "",
        transitions=spec.get("leaseTransitions") or 0,
        version=body["metadata"]["resourceVersion"],
    )

"""Decides whether a pod fits on the one node there is."""

from collections.abc import Mapping
from decimal import Decimal

from local_cluster.kube.admission import quantity
from local_cluster.kube.values import Json, dig

__all__ = ["CAPACITY", "obstacle"]

CAPACITY: Mapping[str, str] = {
    "cpu": "64",
    "memory": "256Gi",
    "ephemeral-storage": "1Ti",
    "pods": "110",
}
"""Generous: local processes share the machine and nothing enforces requests."""


def obstacle(pod: Json, capacity: Mapping[str, str]) -> str | None:
    """Return why a pod cannot be placed, in the scheduler's words."""
    if dig(pod, "spec", "nodeSelector"):
        return _sentence("node(s) didn't match Pod's node affinity/selector")
    asked: dict[str, Decimal] = {}
    for container in pod["spec"]["containers"]:
        for name, text in (dig(container, "resources", "requests") or {}).items():
            asked[name] = asked.get(name, Decimal(0)) + (quantity(text) or Decimal(0))
    for name, amount in asked.items():
        if amount > (quantity(capacity.get(name, "0")) or Decimal(0)):
            return _sentence(f"Insufficient {name}")
    return None


def _sentence(why: str) -> str:
    return (
        f"0/1 nodes are available: 1 {why}. preemption: 0/1 nodes are available: 1 "
        "Preemption is not helpful for scheduling."
    )

"""Where the pods of one job find one another here: each name is a port of loopback.

In a cluster every pod has an address of its own, which DNS knows by its service's name:
mnist-a-worker-0.team.svc. Here all pods share the machine's addresses and nobody asks
DNS, so each name with its port becomes 127.0.0.1 with a port that no other has.
"""

import re
from typing import TypeAlias

from local_cluster.kube.values import Json, meta
from local_cluster.ports import HeldPort

__all__ = ["Addresses"]

_Name: TypeAlias = tuple[str, str]
_LOOPBACK = "127.0.0.1"


class Addresses:
    """Gives out ports, and keeps each for as long as there is a pod that knows it."""

    def __init__(self) -> None:
        self._held: dict[_Name, HeldPort] = {}
        self._known: dict[str, set[_Name]] = {}

    def translate(self, pod: Json, text: str) -> str:
        """Put addresses of this machine in the place of those of a pod's siblings.

        Siblings have the same owner, after which they and their services are called.
        """
        owner = next(iter(meta(pod).get("ownerReferences") or ()), None)
        if owner is None:
            return text
        service = rf"{re.escape(owner['name'])}-[a-z]+-[0-9]+"
        domain = rf"{re.escape(meta(pod)['namespace'])}\.svc(?:\.[a-z0-9.-]+)?"
        known = self._known.setdefault(meta(pod)["uid"], set())

        def find(name: re.Match[str]) -> str:
            key = (f"{meta(pod)['namespace']}/{name[1]}", name[2])
            known.add(key)
            return f"{_LOOPBACK}:{self._port(key)}"

        return re.sub(rf"\b({service})\.{domain}:([0-9]+)", find, text)

    def forget(self, uid: str) -> None:
        """Let go of what no pod knows any more, now that this one is gone."""
        gone = self._known.pop(uid, set())
        for key in gone.difference(*self._known.values()):
            self._held.pop(key).let_go()

    def close(self) -> None:
        """Let go of everything."""
        for uid in list(self._known):
            self.forget(uid)

    def _port(self, key: _Name) -> int:
        """The port for a name."""
        if key not in self._held:
            self._held[key] = HeldPort(_LOOPBACK)
        return self._held[key].number

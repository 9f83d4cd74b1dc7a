"""Which MnistTrainings share an output branch, so that one of them can yield.

Remembered, since asking the API server at every look would cost a list of all of
them; so whoever is found is read again before anybody yields to it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mnist_operator import places
from mnist_operator.errors import InvalidSpecError
from mnist_operator.kube import Kube
from mnist_operator.resource import MnistTraining, parse_training
from mnist_operator.settings import Settings

__all__ = ["Neighbours"]

Place = tuple[str, str]
"""pachd's address, and the output branch there."""
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Neighbour:
    place: Place
    age: tuple[str, str]
    """When it was created, then its uid: the smaller one is older."""


class Neighbours:
    """All MnistTrainings that this operator serves, by namespace and name."""

    def __init__(self, kube: Kube, settings: Settings) -> None:
        self._kube = kube
        self._settings = settings
        self._known: dict[Key, _Neighbour] = {}
        self._listed = False
        self._lock = asyncio.Lock()

    def see(self, body: Mapping[str, Any]) -> None:
        """Remember one as it is now; one that cannot be read publishes nowhere."""
        meta = body["metadata"]
        key = meta["namespace"], meta["name"]
        try:
            training = parse_training(body)
        except InvalidSpecError:
            self._known.pop(key, None)
            return
        age = str(meta.get("creationTimestamp", "")), training.uid
        self._known[key] = _Neighbour(self._place(training), age)

    def forget(self, namespace: str, name: str) -> list[Key]:
        """It is gone; returns those that may have yielded to it."""
        gone = self._known.pop((namespace, name), None)
        if gone is None:
            return []
        return [key for key, each in self._known.items() if each.place == gone.place]

    async def rival_of(self, training: MnistTraining) -> str:
        """namespace/name of the oldest other one on its output branch; else empty."""
        await self._list_once()
        own = training.namespace, training.name
        place = self._place(training)
        others = [
            (each.age, key)
            for key, each in self._known.items()
            if each.place == place and key != own
        ]
        age = self._known[own].age if own in self._known else ("9", training.uid)
        for older, (namespace, name) in sorted(others):
            if older > age:
                break
            body = await self._kube.get_training(namespace, name)
            if body is not None and "deletionTimestamp" not in body["metadata"]:
                return f"{namespace}/{name}"
            self._known.pop((namespace, name), None)
        return ""

    async def _list_once(self) -> None:
        """Before the first answer: those that nobody has told us of yet."""
        async with self._lock:
            if not self._listed:
                for namespace in self._settings.served or [""]:
                    for body in await self._kube.list_trainings(namespace):
                        self.see(body)
                self._listed = True

    def _place(self, training: MnistTraining) -> Place:
        address = training.spec.pachyderm.address or self._settings.pachd_address
        return address, str(places.output_branch(training))

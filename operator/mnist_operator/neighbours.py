"""Which MnistTrainings share an output branch, so that one of them can yield.

Remembered, since asking the API server at every look would cost a list of all of
them; so whoever is found is read again before anybody yields to it.
"""

import asyncio
from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mnist_operator import places
from mnist_operator.errors import InvalidSpecError
from mnist_operator.kube import Kube, Mark
from mnist_operator.resource import MnistTraining, parse_training
from mnist_operator.settings import Settings

__all__ = ["Neighbours"]

Place = tuple[str, str]
"""pachd's address, and the output branch there."""
Key = tuple[str, str]
Age = tuple[str, str]
"""When it was created, then its uid: the smaller one is older."""


@dataclass(frozen=True, slots=True)
class _Neighbour:
    place: Place | None
    """None: its spec cannot be read, so it publishes nowhere."""
    age: Age
    generation: int

    @property
    def uid(self) -> str:
        return self.age[1]


class Neighbours:
    """All MnistTrainings of the namespaces that are served, by namespace and name.

    Also those of other operators there, which share them by a selector.
    """

    def __init__(self, kube: Kube, settings: Settings) -> None:
        self._kube = kube
        self._settings = settings
        self._known: dict[Key, _Neighbour] = {}
        self._places: dict[Place, list[tuple[Age, Key]]] = {}
        """Who is there, oldest first."""
        self._listed = False
        self._lock = asyncio.Lock()

    def __contains__(self, mark: Mark) -> bool:
        """Whether it is known as it is now."""
        known = self._known.get((mark.namespace, mark.name))
        now = mark.uid, mark.generation
        return known is not None and now == (known.uid, known.generation)

    def see(self, body: Mapping[str, Any]) -> list[Key]:
        """Remember one as it is now; returns those who may have to yield or go on."""
        meta = body["metadata"]
        key = meta["namespace"], meta["name"]
        age = str(meta.get("creationTimestamp", "")), str(meta["uid"])
        generation = meta.get("generation", 0)
        known = self._known.get(key)
        if known is not None and (age, generation) == (known.age, known.generation):
            return []
        now = _Neighbour(self._place_of(body), age, generation)
        if known is not None and (now.place, age) == (known.place, known.age):
            self._known[key] = now
            return []
        concerned = self._leave(key)
        self._known[key] = now
        if now.place is None:
            return concerned
        there = self._places.setdefault(now.place, [])
        # Whoever was there and younger than others already has somebody to yield to.
        concerned += [other for other_age, other in there[:1] if other_age > age]
        insort(there, (age, key))
        return concerned

    def forget(self, namespace: str, name: str) -> list[Key]:
        """It is gone; returns those that may have yielded to it.

        Where only some are served, it may have gone to another operator: then it
        stays known, until somebody who looks for it finds that it is gone.
        """
        key = namespace, name
        if self._settings.selector and key in self._known:
            return self._others(key)
        return self._leave(key)

    def forget_unless(self, found: Mapping[Key, Mark], before: frozenset[Key]) -> None:
        """Forget those of `before` that are not among all that were found."""
        for key in before - found.keys():
            self._leave(key)

    @property
    def are_listed(self) -> bool:
        """Whether all have been listed once; since then, events tell of them."""
        return self._listed

    @property
    def keys(self) -> frozenset[Key]:
        """Who is known."""
        return frozenset(self._known)

    async def rival_of(self, training: MnistTraining) -> str:
        """namespace/name of the oldest other one on its output branch; else empty."""
        await self._list_once()
        own = training.namespace, training.name
        known = self._known.get(own)
        age = known.age if known is not None else ("9", training.uid)
        while True:
            # Anew each time: others look, see and forget in between.
            oldest = self._oldest(self._place(training), own)
            if oldest is None or oldest[0] > age:
                return ""
            namespace, name = oldest[1]
            body = await self._kube.get_training(namespace, name)
            if body is not None and "deletionTimestamp" not in body["metadata"]:
                self.see(body)
                if oldest == self._oldest(self._place(training), own):
                    return f"{namespace}/{name}"
            else:
                self._leave((namespace, name))

    def _oldest(self, place: Place, own: Key) -> tuple[Age, Key] | None:
        there = self._places.get(place, ())
        return next((each for each in there if each[1] != own), None)

    def _leave(self, key: Key) -> list[Key]:
        """Take one away; returns the others that are where it was."""
        others = self._others(key)
        gone = self._known.pop(key, None)
        if gone is None or gone.place is None:
            return others
        there = self._places[gone.place]
        there.remove((gone.age, key))
        if not there:
            del self._places[gone.place]
        return others

    def _others(self, key: Key) -> list[Key]:
        known = self._known.get(key)
        if known is None or known.place is None:
            return []
        return [other for _, other in self._places[known.place] if other != key]

    async def _list_once(self) -> None:
        """Before the first answer: those that nobody has told us of yet."""
        async with self._lock:
            if not self._listed:
                for namespace in self._settings.served or [""]:
                    for body in await self._kube.list_trainings(namespace):
                        self.see(body)
                self._listed = True

    def _place_of(self, body: Mapping[str, Any]) -> Place | None:
        try:
            return self._place(parse_training(body))
        except InvalidSpecError:
            return None

    def _place(self, training: MnistTraining) -> Place:
        address = training.spec.pachyderm.address or self._settings.pachd_address
        return address, str(places.output_branch(training))

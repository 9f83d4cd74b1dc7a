"""What goes wrong in a soak, one thing after another, all along."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import grpc

from crashes.cables import Cut, Healing
from local_cluster.faults import Fault
from soak.stage import Stage

__all__ = ["Weather"]

_PAUSE_SECONDS = (4.0, 12.0)
_OUTAGE_SECONDS = (0.2, 6.0)
_RETURN_SECONDS, _MOMENT_SECONDS = 120.0, 0.5
_OURS = (
    "kube.get.mnisttrainings",
    "kube.list.mnisttrainings",
    "kube.patch.mnisttrainings/status",
    "kube.create.tfjobs",
    "kube.delete.tfjobs",
    "kube.list.tfjobs",
    "kube.list.pods",
    "kube.get.secrets",
    "kube.create.events",
)
_KUBE_ERRORS = (
    (500, {"kind": "Status", "code": 500, "message": "etcdserver: request timed out"}),
    (503, {"kind": "Status", "code": 503, "message": "apiserver is shutting down"}),
    (429, {"kind": "Status", "code": 429, "message": "Too many requests"}),
    (403, {"kind": "Status", "code": 403, "message": "forbidden for now"}),
)
_PACHD_ERRORS = (
    (grpc.StatusCode.UNAVAILABLE, "Socket closed"),
    (grpc.StatusCode.UNKNOWN, "pg: deadlock detected"),
    (grpc.StatusCode.RESOURCE_EXHAUSTED, "too many requests"),
    (grpc.StatusCode.UNAUTHENTICATED, "provided auth token is corrupted"),
)


class Weather:
    """Faults, drawn one by one; `random` decides which, when, and how bad."""

    def __init__(self, stage: Stage, random: Random) -> None:
        self.faults: Counter[str] = Counter()
        self._stage = stage
        self._random = random
        self._kinds: dict[str, Callable[[], Awaitable[None]]] = {
            "API server killed": self._kill_kube,
            "pachd killed": self._kill_pachd,
            "watches ended": self._cut_watches,
            "subscriptions ended": self._cut_streams,
            "cable to the API server cut": self._cut_kube,
            "cable to pachd cut": self._cut_pachd,
            "errors of the API server": self._kube_errors,
            "errors of pachd": self._pachd_errors,
            "answers lost": self._lose_answers,
            "latency": self._delay,
        }

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            await asyncio.sleep(self._random.uniform(*_PAUSE_SECONDS))
            kind = self._random.choice(sorted(self._kinds))
            self.faults[kind] += 1
            await self._kinds[kind]()

    async def _kill_kube(self) -> None:
        await self._restart(self._stage.cluster.kube)

    async def _kill_pachd(self) -> None:
        await self._restart(self._stage.cluster.pachd)

    async def _restart(self, server: Any) -> None:
        # A server that was killed is started again also when the soak ends just now.
        await asyncio.shield(self._outage(server.kill, server.start))

    async def _cut_watches(self) -> None:
        if self._random.random() < 0.5:
            self._stage.cluster.kube.expire()
        self._stage.cluster.kube.cut_watches()

    async def _cut_streams(self) -> None:
        self._stage.cluster.pachd.cut_streams()

    async def _cut_kube(self) -> None:
        await self._cut(self._stage.to_kube, (Healing.RESET, Healing.DELIVERED))

    async def _cut_pachd(self) -> None:
        await self._cut(self._stage.to_pachd, tuple(Healing))

    async def _cut(self, cable: Any, healings: tuple[Healing, ...]) -> None:
        cut = self._random.choice(tuple(Cut))
        healing = self._random.choice(healings)
        await asyncio.shield(
            self._outage(lambda: cable.cut(cut), lambda: cable.heal(healing))
        )

    async def _outage(
        self, begin: Callable[[], Awaitable[None]], end: Callable[[], Awaitable[None]]
    ) -> None:
        await begin()
        await asyncio.sleep(self._random.uniform(*_OUTAGE_SECONDS))
        async with asyncio.timeout(_RETURN_SECONDS):
            while True:
                try:
                    return await end()
                except (OSError, RuntimeError):  # Somebody has its port for a moment.
                    await asyncio.sleep(_MOMENT_SECONDS)

    async def _kube_errors(self) -> None:
        error = self._random.choice(_KUBE_ERRORS)
        times = self._random.randrange(1, 6)
        self._order(Fault(self._random.choice(_OURS), error, times=times))

    async def _pachd_errors(self) -> None:
        error = self._random.choice(_PACHD_ERRORS)
        self._order(Fault("pfs.*", error, times=self._random.randrange(1, 6)))

    async def _lose_answers(self) -> None:
        call = self._random.choice(("pfs.*", *_OURS))
        times = self._random.randrange(1, 4)
        self._order(Fault(call, drop=True, after=True, times=times))

    async def _delay(self) -> None:
        call = self._random.choice(("pfs.*", *_OURS))
        seconds = self._random.choice((0.1, 0.5, 3.0))
        self._order(Fault(call, delay_seconds=seconds, times=20))

    def _order(self, fault: Fault) -> None:
        self._stage.faults.add(fault)

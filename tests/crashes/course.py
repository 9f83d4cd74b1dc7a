"""One MnistTraining from outside: its user, who pushes, and what is known of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from crashes.hands import DATA_PATH
from crashes.outside import Outside
from local_cluster.kube.client import KubeClient, path_of

__all__ = ["PATIENCE_SECONDS", "Course"]

PATIENCE_SECONDS = 300.0
"""Longest time without any progress, on a machine that has other things to do."""
_LOOK_SECONDS = 0.2
_API, _PLURAL = "mnist-operator.dev/v1alpha1", "mnisttrainings"


@dataclass(slots=True)
class Course:
    """What was pushed, and how far its operators have come with it."""

    kube: KubeClient
    pachd: Outside
    namespace: str
    input: str
    output: str
    native: bool
    name: str
    pushed: dict[str, bytes] = field(default_factory=dict)
    """The data of each input commit, in the order of these."""

    async def apply(self, **spec: Any) -> None:
        """Make the repo and the MnistTraining."""
        provenance = "Native" if self.native else "Metadata"
        wanted = {
            "input": {"repo": self.input},
            "output": {"repo": self.output, "provenance": provenance},
            "trigger": {"startFrom": "Earliest"},
            "attempts": {"backoffSeconds": 0},
        }
        body = {
            "apiVersion": _API,
            "kind": "MnistTraining",
            "metadata": {"name": self.name},
            "spec": {**wanted, **spec},
        }
        await self.kube.insist("POST", self._trainings, body)

    async def push(self) -> str:
        """One more commit, with data of its own."""
        data = json.dumps({"number": len(self.pushed)}).encode()
        commit = await self.pachd.push(self.input, DATA_PATH, data)
        self.pushed[commit] = data
        return commit

    async def push_some(self, count: int) -> None:
        """So many of them."""
        for _ in range(count):
            await self.push()

    async def status(self) -> dict[str, Any]:
        """What the operator says of it; empty before it says anything."""
        found = await self.kube.insist("GET", f"{self._trainings}/{self.name}")
        assert found is not None
        return dict(found.get("status", {}))

    async def trained(self) -> int:
        """How many commits have their model, as the operator says."""
        newest = (await self.status()).get("lastTrainedCommit", "")
        return [*self.pushed].index(newest) + 1 if newest else 0

    async def reaches(self, count: int) -> None:
        """Wait until so many commits have their model."""
        reached = 0
        while reached < count:
            before = reached

            async def look(before: int = before) -> int:
                found = await self.trained()
                return found if found > before else 0

            reached = await self._until(look, f"model {before + 1} of {count}")

    async def rests(self) -> None:
        """Wait until the operator says that nothing is left to do."""
        last = [*self.pushed][-1]

        async def look() -> bool:
            status = await self.status()
            said = {each["reason"] for each in status.get("conditions", [])}
            return (
                status.get("lastTrainedCommit") == last
                and "UpToDate" in said
                and not status.get("active")
                and not status.get("pendingCommits")
            )

        await self.reaches(len(self.pushed))
        await self._until(look, "rest")

    async def _until(self, look: Callable[[], Awaitable[Any]], what: str) -> Any:
        """Wait for it, without much asking; if it never comes, say how things stand."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not (found := await look()):
                    await asyncio.sleep(_LOOK_SECONDS)
                return found
        except TimeoutError:
            status = json.dumps(await self.status(), indent=1)
            text = f"{what} never came.\n{self.name}: {status}"
            raise AssertionError(text) from None

    @property
    def _trainings(self) -> str:
        return path_of(_API, _PLURAL, (self.namespace, ""))

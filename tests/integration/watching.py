"""An observer who misses no TFJob, however short it lives."""

import asyncio
from contextlib import suppress
from typing import Any, Self

from integration.world import TFJOBS
from local_cluster.kube.client import KubeClient, Mirror
from mnist_operator.tfjob import COMMIT_LABEL

__all__ = ["JobWatch"]

_ENDS = {"Succeeded", "Failed"}


class JobWatch:
    """Counts the TFJobs that have not ended, and remembers all that ever were."""

    def __init__(self, kube: KubeClient) -> None:
        self._mirror = Mirror(kube, TFJOBS, self._note)
        self._task: asyncio.Task[None] | None = None
        self.most = 0
        self._commits: dict[str, str] = {}

    @property
    def commits(self) -> list[str]:
        """The input commit of each TFJob there ever was, oldest first."""
        return list(self._commits.values())

    def begin_anew(self) -> None:
        """Forget how many there were at most."""
        self.most = self.running

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._mirror.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    def _note(self, _kind: str, job: dict[str, Any]) -> None:
        about = job["metadata"]
        self._commits.setdefault(about["name"], about["labels"][COMMIT_LABEL])
        self.most = max(self.most, self.running)

    @property
    def running(self) -> int:
        """How many there are now that have not ended."""
        return sum(not _has_ended(job) for job in self._mirror.objects.values())


def _has_ended(job: dict[str, Any]) -> bool:
    conditions = job.get("status", {}).get("conditions", [])
    return any(c["type"] in _ENDS and c["status"] == "True" for c in conditions)

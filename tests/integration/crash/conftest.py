"""A world whose operator talks to its servers through wires that can be held."""

import asyncio
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any, Self

import pytest

from integration.crash.holds import Holds
from integration.crash.wires import KubeWire, PachdWire
from integration.world import TFJOBS, World
from local_cluster.kube.client import Mirror
from mnist_operator.settings import Settings

_ENDS = {"Succeeded", "Failed"}


class WiredWorld(World):
    """A world that sees what the operator asks for, and every TFJob that runs."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.holds = Holds()
        self.most_jobs_at_once = 0
        self._stack = AsyncExitStack()
        self._pachd: Any = None

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        cluster, holds = self.cluster, self.holds
        self._pachd = await self._stack.enter_async_context(
            PachdWire(holds, cluster.pachd_address)
        )
        kube = await self._stack.enter_async_context(KubeWire(holds, cluster.kube.url))
        config = cluster.kubeconfig.read_text().replace(cluster.kube.url, kube.url)
        self._wired_kubeconfig.write_text(config)
        watching = asyncio.create_task(self._watch_jobs())
        self._stack.push_async_callback(_end, watching)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()
        await super().__aexit__(*error)

    @property
    def settings(self) -> Settings:
        """The operator's settings, with the wires for addresses."""
        wired = {
            "pachd_address": self._pachd.address,
            "kubeconfig": self._wired_kubeconfig,
        }
        return super().settings.model_copy(update=wired)

    @property
    def _wired_kubeconfig(self) -> Path:
        return self.folder / "wired-kubeconfig"

    async def _watch_jobs(self) -> None:
        def count(_kind: str, _job: object) -> None:
            running = [job for job in mirror.objects.values() if not _has_ended(job)]
            self.most_jobs_at_once = max(self.most_jobs_at_once, len(running))

        mirror = Mirror(self.kube, TFJOBS, count)
        await mirror.run()


def _has_ended(job: dict[str, Any]) -> bool:
    conditions = job.get("status", {}).get("conditions", [])
    return any(c["type"] in _ENDS and c["status"] == "True" for c in conditions)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.fixture(name="world")
async def _world(tmp_path):
    async with WiredWorld(tmp_path) as world:
        await world.create_repo()
        yield world

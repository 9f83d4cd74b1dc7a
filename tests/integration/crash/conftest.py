"""A world whose operator talks to its servers through wires that can be held."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

import pytest

from integration.crash.holds import Holds
from integration.crash.wires import KubeWire, PachdWire
from integration.watching import JobWatch
from integration.world import World
from mnist_operator.settings import Settings


class WiredWorld(World):
    """A world that sees what the operator asks for, and every TFJob that runs."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.holds = Holds()
        self._stack = AsyncExitStack()
        self._pachd: Any = None
        self._jobs: JobWatch | None = None

    @property
    def jobs_at_once(self) -> int:
        """How many TFJobs there are that have not ended."""
        assert self._jobs is not None
        return self._jobs.running

    @property
    def most_jobs_at_once(self) -> int:
        """How many of them there were at the same time."""
        assert self._jobs is not None
        return self._jobs.most

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        cluster, holds = self.cluster, self.holds
        self._pachd = await self._stack.enter_async_context(
            PachdWire(holds, cluster.pachd_address)
        )
        kube = await self._stack.enter_async_context(KubeWire(holds, cluster.kube.url))
        config = cluster.kubeconfig.read_text().replace(cluster.kube.url, kube.url)
        self._wired_kubeconfig.write_text(config)
        self._jobs = await self._stack.enter_async_context(JobWatch(self.kube))
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


@pytest.fixture(name="world")
async def _world(tmp_path):
    async with WiredWorld(tmp_path) as world:
        await world.create_repo()
        yield world

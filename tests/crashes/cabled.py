"""An operator that reaches its servers through cables."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from crashes.cables import Cable
from crashes.operators import Operator
from crashes.stage import LocalStage

__all__ = ["cabled"]


@asynccontextmanager
async def cabled(
    stage: LocalStage,
) -> AsyncIterator[tuple[Operator, dict[str, Cable]]]:
    """An operator, not started, and its cables: to pachd, and to kube."""
    ground, url = stage.ground, stage.ground.kube_url
    async with (
        Cable(ground.pachd_address) as pachd,
        Cable(url.removeprefix("http://")) as kube,
    ):
        there = f"http://{kube.address}"
        kubeconfig = stage.servers.write_kubeconfig(ground.folder / "cabled", there)
        ground = replace(
            ground,
            pachd_address=pachd.address,
            kube_url=there,
            kubeconfig=kubeconfig,
        )
        async with Operator(ground, wired=False) as operator:
            yield operator, {"pachd": pachd, "kube": kube}

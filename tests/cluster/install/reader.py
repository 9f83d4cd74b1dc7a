"""What a reader of the pages about installing has: files, a terminal, and programs."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cluster.install.administrator import Administrator
from cluster.rig.binaries import HELM, KUBECTL, find
from documents.blocks import ROOT, read_blocks
from documents.terminal import Terminal, write_program
from integration.world import until

__all__ = ["TRAININGS", "is_as_before", "is_served", "lay_out", "type_as"]

TRAININGS = "mnisttrainings.mnist-operator.dev"
_LAST_TO_GO = (
    f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{TRAININGS}",
    "/api/v1/namespaces/mnist-operator",
)

_MOMENT_SECONDS = 0.1


def lay_out(folder: Path) -> None:
    """The repository as the pages know it, and the files that they name."""
    for name in ("deploy", "crds"):
        shutil.copytree(ROOT / name, folder / name)
    ours = folder / "deploy" / "kustomize" / "overlays" / "ours"
    ours.mkdir()
    [overlay] = [
        block.text
        for block in read_blocks("yaml")
        if block.page == "docs/installation.md" and "kind: Kustomization" in block.text
    ]
    (ours / "kustomization.yaml").write_text(overlay)
    shutil.copy(folder / "deploy" / "samples" / "mnist.yaml", folder)
    for name in ("token", "trainer-token", "operator.pub"):
        (folder / name).write_text("abc")


@asynccontextmanager
async def type_as(admin: Administrator, folder: Path) -> AsyncIterator[Terminal]:
    """A terminal of the administrator's in such a folder.

    Namespaces that are deleted go, since nobody else here lets them.
    """
    programs = folder / "bin"
    write_program(programs, "kubectl", str(find(KUBECTL)))
    write_program(programs, "helm", shutil.which("helm") or str(find(HELM)))
    config = str(admin.plane.kubeconfig)
    async with Terminal(folder, programs, KUBECONFIG=config) as terminal:
        ending = asyncio.create_task(_end_namespaces(admin))
        try:
            yield terminal
        finally:
            ending.cancel()
            await asyncio.gather(ending, return_exceptions=True)


async def _end_namespaces(admin: Administrator) -> None:
    while True:
        await asyncio.to_thread(admin.end_namespaces)
        await asyncio.sleep(_MOMENT_SECONDS)


async def is_served(admin: Administrator) -> None:
    """Wait until the definition is, which is a moment after it is taken."""

    async def look() -> bool:
        done = await asyncio.to_thread(admin.try_kubectl, "get", TRAININGS)
        return done.returncode == 0

    await until(look, "the definition")


async def is_as_before(admin: Administrator, before: set[str]) -> None:
    """Wait until the API server has done what was asked of it, and all is as it was."""

    async def look() -> bool:
        admin.end_namespaces()
        return not any(map(admin.has, _LAST_TO_GO))

    await until(look, "the end of the definition and the namespace")
    assert set() == before ^ admin.everything()

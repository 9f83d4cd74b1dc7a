"""All scenes at once in one world, and all that whoever is on call then reads."""

import asyncio
import shutil
import socket
from dataclasses import dataclass

import pytest_asyncio

from integration.mnistctl_programs import fork_mnistctl
from integration.oncall.scenes import LAST, LATER, SCENES
from integration.oncall.stage import TOKEN, Stage, output_of
from integration.operators import InProcess
from integration.world import NAMESPACE

_AT_ONCE = 4
_NEED_KUBECTL = ["test_alerts_fire.py", "test_staged_failures.py"]
collect_ignore = [] if shutil.which("kubectl") else _NEED_KUBECTL


@dataclass(frozen=True)
class Evidence:
    """What the tools say after all that."""

    described: dict[str, str]
    """`kubectl describe mt`, by training."""
    explained: dict[str, str]
    """`mnistctl explain`, of those that have decided about a commit."""
    verified: str
    """`mnistctl verify` of the stranger's branch."""
    metrics: dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest_asyncio.fixture(name="evidence", scope="package", loop_scope="package")
async def _evidence(tmp_path_factory):
    with socket.socket() as free:
        free.bind(("", 0))
        Stage.metrics_port = free.getsockname()[1]
    async with Stage(tmp_path_factory.mktemp("stage"), token=TOKEN) as stage:
        await stage.secret("pachyderm", token=TOKEN)
        async with InProcess(stage):
            for scenes in (SCENES, LATER):
                await _play(stage, scenes)
            told = {
                name: await _explain(stage, name)
                for name, scene in {**SCENES, **LATER}.items()
                if scene.decided
            }
            branch = output_of("stranger")
            head = f"{branch.repo.name}@{branch.name}"
            verified = await _mnistctl(stage, "verify", head)
            described, metrics = await _describe(stage), await stage.metrics()
            await _play(stage, LAST)
            yield Evidence(
                described=await _describe(stage) | described,
                explained=told,
                verified=verified,
                metrics=await stage.metrics() | metrics,
            )


async def _play(stage, scenes):
    """Few at a time: on a busy machine each is to have its end within its deadline."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def play(name, scene):
        async with turns:
            await scene.play(stage, name)

    await asyncio.gather(*(play(name, scene) for name, scene in scenes.items()))


async def _explain(stage, name):
    repo = output_of(name).repo.name
    return await _mnistctl(stage, "explain", f"{NAMESPACE}/{name}", f"--repo={repo}")


async def _mnistctl(stage, *words):
    answer = await fork_mnistctl(
        *words, PACHD_ADDRESS=stage.cluster.pachd_address, PACHYDERM_TOKEN=TOKEN
    )
    return answer.out + answer.err


async def _describe(stage):
    process = await asyncio.create_subprocess_exec(
        "kubectl",
        f"--kubeconfig={stage.cluster.kubeconfig}",
        f"--namespace={NAMESPACE}",
        f"--cache-dir={stage.folder / 'cache'}",
        *("describe", "mt"),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    parts = [part for part in out.decode().split("\n\n\n") if part.strip()]
    return {part.split()[1]: part for part in parts}

"""All scenes at once in one world, and all that whoever is on call then reads."""

import asyncio
import re
import shutil
from dataclasses import dataclass
from html import unescape
from types import SimpleNamespace

import pytest_asyncio

from integration.dashboard_site import open_page, read
from integration.mnistctl_programs import fork_mnistctl
from integration.oncall.scenes import LAST, LATER, SCENES
from integration.oncall.stage import TOKEN, Stage, output_of
from integration.operators import InProcess
from integration.world import NAMESPACE, until
from local_cluster.ports import HeldPort

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
    pages: dict[str, str]
    """What the page of each training says, and that of the run that failed."""


@pytest_asyncio.fixture(name="evidence", scope="package", loop_scope="package")
async def _evidence(tmp_path_factory):
    port = HeldPort("")
    Stage.metrics_port = port.number
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
            pages = await _look(stage, {**SCENES, **LATER})
            await _play(stage, LAST)
            yield Evidence(
                described=await _describe(stage) | described,
                explained=told,
                verified=verified,
                metrics=await stage.metrics() | metrics,
                pages=await _look(stage, LAST) | pages,
            )


async def _look(stage, names):
    """The page of some trainings in a browser's words, each with that of its run."""
    pachd = SimpleNamespace(address=stage.cluster.pachd_address)
    found = {}
    async with open_page(pachd, stage.cluster, token=TOKEN) as page:
        await read(page, "/")
        for name in names:
            text = await read(page, f"/trainings/{NAMESPACE}/{name}")
            for link in re.findall(r'The run that failed.*?href="([^"]+)"', text):
                text += await read(page, link)
            for link in re.findall(r'href="([^"]+)#verdict-head"', text):
                text += await _verdict(page, link)
            found[name] = _words(text)
    return found


async def _verdict(page, link):
    """The page of a model, once it knows whether the record holds."""

    async def known():
        text = await read(page, link)
        return text if "data-again" not in text else ""

    return await until(known, "the verdict")


def _words(text):
    """What is left of a page without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


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

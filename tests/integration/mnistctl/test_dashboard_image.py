"""The page as the operator's image has it: what the Dockerfile copies, and no more.

No image is built. What stands in for it: the folders of the Dockerfile's COPY lines in
a place of their own, the packages that requirements/operator.txt locks, and an
interpreter that sees nothing else. It is started as the Deployment starts it.
"""

import asyncio
import os
import re
import shutil
import sys
from contextlib import asynccontextmanager
from importlib.metadata import distribution
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
import yaml

from integration.mnistctl_world import Cluster
from integration.pushes import until
from unit import mnistctl_records as records

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).resolve().parents[3]
SOURCE = "/opt/operator/src/"
LOCAL = {"Host": "localhost"}


def _copy(folder):
    """What the last stage has of this repository, from the Dockerfile's own lines."""
    lines = (ROOT / "Dockerfile.operator").read_text().splitlines()
    copied = [line.split()[1:] for line in lines if line.startswith("COPY operator")]
    for source, target in copied:
        place = folder / target.removeprefix(SOURCE)
        shutil.copytree(
            ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__")
        )
    return folder


def _link_packages(folder):
    """The locked packages, each as its own list of files has it."""
    locked = (ROOT / "requirements" / "operator.txt").read_text()
    for name, version in re.findall(r"^([\w.-]+)==([\w.]+)", locked, re.MULTILINE):
        found = _find(name)
        if found is None:
            continue  # For another platform, or another Python.
        assert version == found.version
        tops = {file.parts[0] for file in found.files if ".." not in file.parts}
        for top in tops - {"__pycache__"}:
            link = folder / top
            if not link.exists():
                link.symlink_to(Path(found.locate_file(top)))


def _find(name):
    try:
        return distribution(name)
    except ModuleNotFoundError:
        return None


def _container():
    deployment = ROOT / "deploy/kustomize/components/page/deployment.yaml"
    return yaml.safe_load(deployment.read_text())["spec"]["template"]["spec"][
        "containers"
    ][0]


@asynccontextmanager
async def _started(folder, kubeconfig):
    """Started as in the pod, but on a port that is free; gives back its address."""
    container = _container()
    python, *words = [*container["command"], *container["args"]]
    assert "python" == python
    words[words.index("8765")] = "0"
    told = {each["name"]: each["value"] for each in container["env"] if "value" in each}
    environment = told | {
        "HOME": str(folder),
        "KUBECONFIG": str(kubeconfig),
        "PYTHONPATH": os.pathsep.join([str(folder / "src"), str(folder / "packages")]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-S", *words),
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(60):
            line = (await process.stdout.readline()).decode()
        yield re.search(r":(\d+)/", line)[1]
    finally:
        process.terminate()
        await process.wait()


@pytest_asyncio.fixture(name="ask", scope="module", loop_scope="module")
async def _ask(tmp_path_factory):
    """Asks the page of a cluster with one training; by default as a browser there."""
    folder = tmp_path_factory.mktemp("image")
    (folder / "packages").mkdir()
    _copy(folder / "src")
    _link_packages(folder / "packages")
    async with Cluster(folder) as cluster:
        await cluster.create("mnist", status=records.status_of())
        async with (
            _started(folder, cluster.kubeconfig) as port,
            aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
        ):

            async def ask(path, headers=LOCAL):
                async with session.get(path, headers=headers) as answer:
                    return answer.status, await answer.text()

            yield ask


async def test_a_page_comes_with_all_that_it_needs(ask):
    async def listed():
        status, text = await ask("/")
        return text if status == 200 and "mnist</bdi>" in text else ""

    text = await until(listed, "the training")
    needed = re.findall(r'(?:src|href)="(/static/[^"]+)"', text)

    assert 3 == len(needed)
    for each in needed:
        status, content = await ask(each)
        assert 200 == status
        assert content
    status, text = await ask("/trainings/default/mnist")
    assert 200 == status
    assert "does not answer" in text  # There is no Pachyderm in this world.


@pytest.mark.parametrize("probe", ["readinessProbe", "livenessProbe"])
async def test_the_probes_of_the_deployment_are_answered_under_any_name(ask, probe):
    path = _container()[probe]["httpGet"]["path"]

    async def well():
        return (await ask(path, {"Host": "10.1.2.3:8765"}))[0] == 200

    assert await until(well, path)


async def test_the_image_has_no_other_part_of_this_repository(tmp_path):
    copied = _copy(tmp_path)

    assert ["mnist_operator"] == [each.name for each in copied.iterdir()]
    page = copied / "mnist_operator" / "cli" / "dashboard"
    assert (page / "templates" / "base.html").is_file()
    assert {"icon.svg", "page.css", "page.js"} == {
        each.name for each in (page / "static").iterdir()
    }

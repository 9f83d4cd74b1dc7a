"""A server for each test: the one that KUBECONFIG names, or a local one of its own."""

import os
import shutil
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from contract.kube.access import Access, Api
from contract.kube.widgets import definition
from local_cluster.faults import Faults
from local_cluster.kube import KubeServer

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

collect_ignore = [] if shutil.which("kubectl") else ["test_kubectl.py"]


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
async def own(tmp_path, faults) -> AsyncIterator[KubeServer]:
    """A local server that the test may break."""
    async with KubeServer(tmp_path, faults=faults) as server:
        yield server


@pytest.fixture
async def access(request, tmp_path) -> AsyncIterator[Access]:
    given = os.environ.get("KUBECONFIG")
    if given and "own" not in request.fixturenames:
        yield Access.read(Path(given))
        return
    if "own" in request.fixturenames:
        server = request.getfixturevalue("own")
        yield Access.read(server.write_kubeconfig(tmp_path / "kubeconfig"))
        return
    async with KubeServer(tmp_path / "kube") as server:
        yield Access.read(server.write_kubeconfig(tmp_path / "kubeconfig"))


@pytest.fixture
async def api(access) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(session, access)


@pytest.fixture
async def namespace(api) -> AsyncIterator[str]:
    body = {"metadata": {"generateName": "contract-"}}
    made = await api.post("/api/v1/namespaces", body)
    name = made["metadata"]["name"]
    yield name
    await api.delete(f"/api/v1/namespaces/{name}")


@dataclass(frozen=True)
class Widgets:
    """A custom resource that is served, and where."""

    group: str
    path: str
    api: Api

    def make(self, name: str = "one", /, **spec: Any) -> dict[str, Any]:
        return {
            "apiVersion": f"{self.group}/v1",
            "kind": "Widget",
            "metadata": {"name": name},
            "spec": spec,
        }

    async def create(self, name: str = "one", /, **spec: Any) -> dict[str, Any]:
        made = await self.api.post(self.path, self.make(name, **spec))

        assert 201 == made.status, made.body
        return made.body


@pytest.fixture
async def widgets(api, namespace) -> AsyncIterator[Widgets]:
    group = f"c{uuid.uuid4().hex[:8]}.example.dev"
    made = await api.post(CRDS, definition(group))
    assert 201 == made.status, made.body
    path = f"/apis/{group}/v1/namespaces/{namespace}/widgets"
    # A real server needs a moment from Established to serving.
    await api.until(path, lambda answer: 200 == answer.status)
    yield Widgets(group, path, api)
    await api.delete(f"{CRDS}/widgets.{group}")


@pytest.fixture
def maps(namespace) -> str:
    """The path of config maps, the plainest built-in kind."""
    return f"/api/v1/namespaces/{namespace}/configmaps"

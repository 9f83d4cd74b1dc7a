"""A server for each test: the one that KUBECONFIG names, or a local one of its own."""

import os
import shutil
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from contract.kube.access import Access, Api, hang_up
from contract.kube.widgets import definition
from local_cluster.faults import Faults
from local_cluster.kube import KubeServer
from mnist_operator.crd import build_crd

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


@pytest.fixture(autouse=True)
async def last_words() -> AsyncIterator[None]:
    """Set up first, so that all else has hung up before."""
    yield
    await hang_up()


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


@asynccontextmanager
async def served(api: Api, definition: dict[str, Any]) -> AsyncIterator[str]:
    """Have a custom resource served, under a group that nobody else uses."""
    spec = definition["spec"]
    made = await api.post(CRDS, definition)
    assert 201 == made.status, made.body
    path = f"/apis/{spec['group']}/{spec['versions'][0]['name']}"
    # A real server needs a moment from Established to serving.
    resource = f"{path}/{spec['names']['plural']}"
    await api.until(resource, lambda answer: 200 == answer.status)
    yield path
    await api.delete(f"{CRDS}/{definition['metadata']['name']}")


def new_group() -> str:
    return f"c{uuid.uuid4().hex[:8]}.example.dev"


@pytest.fixture
async def group(api) -> AsyncIterator[str]:
    """The group of widgets whose definition stays as it is."""
    group = new_group()
    async with served(api, definition(group)):
        yield group


@pytest.fixture
def widgets(api, namespace, group) -> Widgets:
    return Widgets(group, f"/apis/{group}/v1/namespaces/{namespace}/widgets", api)


@pytest.fixture
async def new_widgets(api, namespace) -> AsyncIterator[Widgets]:
    """Widgets whose definition the test may change."""
    group = new_group()
    async with served(api, definition(group)) as path:
        yield Widgets(group, f"{path}/namespaces/{namespace}/widgets", api)


_definition_of_trainings = cache(build_crd)


@pytest.fixture
async def trainings(api, namespace) -> AsyncIterator[str]:
    """Where trainings are served, under a group that no real one uses."""
    crd, group = _definition_of_trainings(), new_group()
    about = {"name": f"mnisttrainings.{group}"}
    other = {**crd, "metadata": about, "spec": {**crd["spec"], "group": group}}
    async with served(api, other) as path:
        yield f"{path}/namespaces/{namespace}/mnisttrainings"


@pytest.fixture
def program() -> str:
    """The kubectl to use."""
    return "kubectl"


@pytest.fixture
def maps(namespace) -> str:
    """The path of config maps, the plainest built-in kind."""
    return f"/api/v1/namespaces/{namespace}/configmaps"

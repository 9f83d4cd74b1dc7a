"""The way to Kubernetes goes by the proxy that the environment names, as ever."""

import json

import pytest
from aiohttp import web

from mnist_operator import kube

_NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(name="proxy")
async def _proxy(monkeypatch):
    """A proxy that answers for whomever is asked for, and the list of those."""
    for name in _NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    asked = []

    async def answer(request):
        asked.append(str(request.url))
        return web.json_response({"metadata": {}, "items": []})

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    await runner.cleanup()


async def list_namespaces(folder, server):
    """Ask that server, as its kubeconfig says."""
    named = {"name": "it"}
    config = {
        "current-context": "it",
        "clusters": [named | {"cluster": {"server": server}}],
        "users": [named | {"user": {"token": "t"}}],
        "contexts": [named | {"context": {"cluster": "it", "user": "it"}}],
    }
    path = folder / "kubeconfig"
    path.write_text(json.dumps(config))
    client = await kube.connect(path)
    try:
        return await client.list_namespaces()
    finally:
        await client.close()


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
async def test_the_proxy_of_the_environment_is_asked(
    tmp_path, monkeypatch, proxy, name
):
    address, asked = proxy
    monkeypatch.setenv(name, address)

    assert [] == await list_namespaces(tmp_path, "http://kube.example")
    assert ["http://kube.example/api/v1/namespaces"] == asked


async def test_whom_no_proxy_names_is_asked_directly(tmp_path, monkeypatch, proxy):
    address, asked = proxy
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,.example")

    assert [] == await list_namespaces(tmp_path, address)
    assert [f"{address}/api/v1/namespaces"] == asked

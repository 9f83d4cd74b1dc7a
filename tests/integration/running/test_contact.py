"""Whether the API server answers us, as the newest request has it."""

import socket

import pytest
import yaml
from aiohttp import web

from mnist_operator import kube


@pytest.fixture(name="server")
async def _server():
    """An API server that gives every request the same answer: `state["status"]`."""
    state = {"status": 200}

    async def answer(_):
        return web.json_response({"message": "so it is"}, status=state["status"])

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    state["port"] = runner.addresses[0][1]
    yield state
    await runner.cleanup()


@pytest.fixture(name="client")
async def _client(server, tmp_path):
    client = await kube.connect(kubeconfig(tmp_path, server["port"]))
    yield client
    await client.close()


def kubeconfig(folder, port):
    path = folder / "kubeconfig"
    named = {"name": "it"}
    body = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "it",
        "clusters": [named | {"cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [named | {"user": {}}],
        "contexts": [named | {"context": {"cluster": "it", "user": "it"}}],
    }
    path.write_text(yaml.safe_dump(body))
    return path


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        pytest.param(200, "", id="answered"),
        pytest.param(403, "", id="knows-us-and-allows-nothing"),
        pytest.param(404, "", id="knows-us-and-has-nothing"),
        pytest.param(429, "", id="knows-us-and-is-busy"),
        pytest.param(401, "HTTP 401", id="does-not-know-us"),
        pytest.param(503, "HTTP 503", id="cannot-answer"),
    ],
)
async def test_an_answer_is_one_when_the_server_knows_us(
    server, client, status, problem
):
    server["status"] = status

    await client.ping()

    assert problem == client.contact.problem


async def test_the_newest_request_counts(server, client):
    before = client.contact.problem
    server["status"] = 503
    await client.ping()
    server["status"] = 404
    await client.get_training("team", "mnist")

    assert ("not asked yet", "") == (before, client.contact.problem)


async def test_where_nobody_listens_it_is_told(tmp_path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        client = await kube.connect(kubeconfig(tmp_path, closed.getsockname()[1]))
        await client.ping()
    await client.close()

    assert "Cannot connect to host" in client.contact.problem

"""The token for Kubernetes is read anew where the API server refuses it."""

import asyncio
import json

import pytest
from aiohttp import web

from mnist_operator import kube
from mnist_operator.errors import DeniedError


class Server:
    """An API server that lets in whoever has this token."""

    def __init__(self):
        self.token = "first"
        self.asked = []
        self.port = 0

    async def answer(self, request):
        given = request.headers["Authorization"].removeprefix("Bearer ")
        self.asked.append(given)
        if given != self.token:
            return web.json_response({"message": "who is that?"}, status=401)
        return web.json_response({"metadata": {"resourceVersion": "1"}, "items": []})


@pytest.fixture(name="server")
async def _server():
    server = Server()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.port = runner.addresses[0][1]
    yield server
    await runner.cleanup()


class Keeper:
    """A kubeconfig, and the place where the token of its user is."""

    def __init__(self, folder, port):
        self.path, self.file = folder / "kubeconfig", folder / "token"
        self._port = port
        self.file.write_text("first")
        self.name(tokenFile=str(self.file))

    def name(self, **user):
        """Write the kubeconfig, with this user."""
        named = {"name": "it"}
        cluster = {"server": f"http://127.0.0.1:{self._port}"}
        config = {
            "current-context": "it",
            "clusters": [named | {"cluster": cluster}],
            "users": [named | {"user": user}],
            "contexts": [named | {"context": {"cluster": "it", "user": "it"}}],
        }
        self.path.write_text(json.dumps(config))

    def name_program(self):
        """Write the kubeconfig, with a program that tells the token."""
        version = "client.authentication.k8s.io/v1"
        status = {"token": self.file.read_text()}
        credential = {"apiVersion": version, "kind": "ExecCredential"}
        self.file.write_text(json.dumps({**credential, "status": status}))
        words = {"apiVersion": version, "command": "cat", "args": [str(self.file)]}
        self.name(exec={**words, "interactiveMode": "Never"})


@pytest.fixture(name="keeper")
def _keeper(server, tmp_path):
    return Keeper(tmp_path, server.port)


@pytest.fixture(name="file")
def _file(keeper):
    return keeper.file


@pytest.fixture(name="client")
async def _client(keeper):
    client = await kube.connect(keeper.path)
    yield client
    await client.close()


async def test_a_token_that_was_replaced_is_read_and_the_call_goes_through(
    server, file, client
):
    await client.list_trainings()
    file.write_text("second")
    server.token = "second"
    await client.list_trainings()
    await client.list_trainings()

    assert ["first", "first", "second", "second"] == server.asked
    assert "second" == (await client.credentials()).token
    assert "" == client.contact.problem


async def test_a_kubeconfig_that_was_replaced_is_read(server, keeper, client):
    server.token = "second"
    keeper.name(token="second")
    await client.list_trainings()

    assert ["first", "second"] == server.asked


async def test_a_program_that_makes_tokens_is_asked_again(server, keeper):
    keeper.name_program()
    client = await kube.connect(keeper.path)
    await client.list_trainings()
    server.token = "second"
    keeper.file.write_text("second")
    keeper.name_program()
    await client.list_trainings()
    await client.close()

    assert ["first", "first", "second"] == server.asked


async def test_a_watch_begins_with_the_new_token_too(server, file, client):
    events = client.watch_training("team", "mnist")
    assert "DELETED" == (await anext(events))["type"]
    file.write_text("second")
    server.token = "second"
    async for event in events:
        assert [] == event["items"]

    assert ["first", "first", "second"] == server.asked


async def test_many_that_are_refused_at_once_read_it_once_and_all_go_through(
    server, file, client
):
    file.write_text("second")
    server.token = "second"
    await asyncio.gather(*(client.list_trainings() for _ in range(10)))

    assert 10 == server.asked.count("second")


async def test_a_token_that_is_still_the_same_is_refused_once(server, file, client):
    server.token = "second"
    with pytest.raises(DeniedError, match="who is that"):
        await client.list_trainings()

    assert ["first"] == server.asked


async def test_a_file_that_is_gone_costs_nothing_while_the_token_is_good(
    server, file, client, caplog
):
    file.unlink()
    await client.list_trainings()
    server.token = "second"
    with pytest.raises(DeniedError):
        await client.list_trainings()

    assert str(file) in caplog.text

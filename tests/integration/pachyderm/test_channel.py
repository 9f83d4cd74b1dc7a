"""The way to the server: silence, death, refused tokens."""

import asyncio

import grpc
import pytest
from google.protobuf import empty_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

from integration.pachyderm.silent import Silent
from local_cluster.pachd import Pachd
from local_cluster.ports import HeldPort
from mnist_operator.commits import Branch, Repo
from mnist_operator.errors import DeniedError, UnreachableError
from mnist_operator.pachyderm import Connection, Pachyderm, PutFile
from mnist_operator.pachyderm.channel import Calls

_REPO = Repo("default", "inputrepo")
_MASTER = Branch(_REPO, "master")
_TOKEN = "correct-horse"


class _Parrot(pfs_pb2_grpc.APIServicer):
    """A pachd that puts the token into its error text, and notes it."""

    def __init__(self):
        self.tokens = []

    async def CreateRepo(self, request, context):  # noqa: N802
        metadata = dict(context.invocation_metadata())
        self.tokens.append(metadata.get("authn-token"))
        if self.tokens[-1]:
            await context.abort(grpc.StatusCode.UNKNOWN, f"no {self.tokens[-1]} here")
        return empty_pb2.Empty()


@pytest.fixture
async def guarded(tmp_path):
    async with Pachd(tmp_path / "pachd", token=_TOKEN) as server:
        yield server


async def test_a_silent_server_is_given_up_at_the_deadline(serve):
    client = await serve(Silent())
    calls = Calls(client.connection)
    request = pfs_pb2.InspectRepoRequest()

    with pytest.raises(UnreachableError, match="DEADLINE_EXCEEDED"):
        await calls.unary("InspectRepo", request, seconds=0.1)

    await calls.close()


async def test_closing_under_a_call_is_an_error_and_no_cancellation(serve):
    silent = Silent()
    client = await serve(silent)
    asking = asyncio.create_task(client.repo_exists(_REPO))
    await silent.asked.wait()

    await client.close()

    with pytest.raises(UnreachableError, match="closed"):
        await asking
    assert not client.busy


async def test_a_cancelled_call_is_a_cancellation(serve):
    silent = Silent()
    client = await serve(silent)
    asking = asyncio.create_task(client.repo_exists(_REPO))
    await silent.asked.wait()

    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not client.busy


async def test_nobody_there_is_unreachable(dial):
    nobody = HeldPort()
    with pytest.raises(UnreachableError, match="UNAVAILABLE"):
        await dial(f"127.0.0.1:{nobody.number}").repo_exists(_REPO)


async def test_a_client_can_be_used_after_it_was_closed(client, repo):
    await client.close()

    assert await client.repo_exists(repo)


@pytest.mark.own_server
async def test_a_killed_server_is_found_again_with_everything_in_it(
    pachd, client, repo, master
):
    commit = await client.start_commit(master, description="open when it died")
    await client.modify(repo, commit, [PutFile("/a", b"kept")])

    await pachd.kill()
    with pytest.raises(UnreachableError):
        await client.repo_exists(repo)
    await pachd.start()

    async with asyncio.timeout(20):
        while True:
            try:
                assert commit == await client.branch_head_id(master)
                break
            except UnreachableError:
                await asyncio.sleep(0.05)
    assert b"kept" == await client.read(repo, commit, "/a")


async def test_the_right_token_opens_the_door(guarded, dial):
    client = dial(guarded.address, token=f"{_TOKEN}\n")

    await client.create_repo(_REPO)

    assert await client.repo_exists(_REPO)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(None, id="no-token"),
        pytest.param("wrong-horse", id="another-token"),
    ],
)
async def test_a_refused_token_is_denied_everywhere_and_never_shown(
    guarded, dial, token
):
    client = dial(guarded.address, token=token)
    attempts = [
        client.create_repo(_REPO),
        client.branch_head_id(_MASTER),
        client.start_commit(_MASTER, description=""),
        client.append(_MASTER, "/log", b"x"),
        client.commit(_REPO, "0" * 32, wait_finished=True),
        client.read(_REPO, "0" * 32, "/a"),
        client.files(_REPO, "0" * 32),
        client.edit_metadata(_REPO, "0" * 32, {"a": "b"}),
        anext(client.history(_REPO, _MASTER)),
        anext(client.subscribe(_REPO)),
    ]

    for attempt in attempts:
        with pytest.raises(DeniedError) as caught:
            await attempt
        assert "horse" not in f"{caught.value!r} {caught.value}"


async def test_a_token_never_shows_even_where_the_server_repeats_it(serve):
    parrot = _Parrot()
    open_client = await serve(parrot)
    client = Pachyderm(Connection(open_client.connection.address, token=_TOKEN))

    with pytest.raises(Exception, match="<token>") as caught:
        await client.create_repo(_REPO)

    assert _TOKEN not in f"{caught.value!r} {client!r}"
    assert caught.value.__cause__ is None
    await client.close()


async def test_without_a_token_none_is_sent(serve):
    parrot = _Parrot()
    client = await serve(parrot)

    await client.create_repo(_REPO)

    assert [None] == parrot.tokens

"""The way to the server: silence, death, refused tokens, TLS."""

import asyncio
import datetime as dt
import gc
import ipaddress
import weakref

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from google.protobuf import empty_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

from local_cluster.pachd import Pachd
from mnist_operator.commits import Branch, Repo
from mnist_operator.errors import DeniedError, UnreachableError
from mnist_operator.pachyderm import Connection, Connections, Pachyderm, PutFile
from mnist_operator.pachyderm.channel import Calls

_REPO = Repo("default", "inputrepo")
_MASTER = Branch(_REPO, "master")
_TOKEN = "correct-horse"


class _Silent(pfs_pb2_grpc.APIServicer):
    """A pachd that hears everything and says nothing."""

    def __init__(self):
        self.asked = asyncio.Event()

    async def InspectRepo(self, request, context):  # noqa: N802
        self.asked.set()
        await asyncio.Event().wait()


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


@pytest.fixture
async def dial():
    """Make clients that are hung up at the end."""
    clients = []

    def _dial(*args, **kwargs):
        clients.append(Pachyderm(Connection(*args, **kwargs)))
        return clients[-1]

    yield _dial
    for client in clients:
        await client.close()


async def test_a_silent_server_is_given_up_at_the_deadline(serve):
    client = await serve(_Silent())
    calls = Calls(client.connection)
    request = pfs_pb2.InspectRepoRequest()

    with pytest.raises(UnreachableError, match="DEADLINE_EXCEEDED"):
        await calls.unary("InspectRepo", request, seconds=0.1)

    await calls.close()


async def test_closing_under_a_call_is_an_error_and_no_cancellation(serve):
    silent = _Silent()
    client = await serve(silent)
    asking = asyncio.create_task(client.repo_exists(_REPO))
    await silent.asked.wait()

    await client.close()

    with pytest.raises(UnreachableError, match="closed"):
        await asking
    assert not client.busy


async def test_a_cancelled_call_is_a_cancellation(serve):
    silent = _Silent()
    client = await serve(silent)
    asking = asyncio.create_task(client.repo_exists(_REPO))
    await silent.asked.wait()

    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not client.busy


async def test_nobody_there_is_unreachable(dial, unused_tcp_port):
    with pytest.raises(UnreachableError, match="UNAVAILABLE"):
        await dial(f"127.0.0.1:{unused_tcp_port}").repo_exists(_REPO)


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


async def test_a_server_with_our_ca_is_trusted(encrypted, dial, certificate):
    client = dial(f"grpcs://{encrypted.address}", root_certificates=certificate.pem)

    await client.create_repo(_REPO)

    assert await client.repo_exists(_REPO)


async def test_a_server_with_a_strange_ca_is_not_trusted(encrypted, dial):
    client = dial(f"grpcs://{encrypted.address}")

    with pytest.raises(UnreachableError):
        await client.repo_exists(_REPO)


async def test_a_server_without_tls_is_not_spoken_to_in_clear(pachd, dial):
    client = dial(pachd.address, tls=True)

    with pytest.raises(UnreachableError):
        await client.repo_exists(_REPO)


async def test_equal_connections_share_a_client_and_another_token_does_not(pachd):
    connections = Connections()

    one = await connections.get(Connection(pachd.address))
    same = await connections.get(Connection(pachd.address))
    other = await connections.get(Connection(pachd.address, token="x"))

    assert one is same
    assert one is not other
    await connections.close()
    assert 0 == len(connections)


async def test_a_client_that_nobody_uses_is_hung_up(serve):
    clock = [0.0]
    connections = Connections(idle_seconds=60, now=lambda: clock[0])
    silent = _Silent()
    address = (await serve(silent)).connection.address
    busy = await connections.get(Connection(address))
    asking = asyncio.create_task(busy.repo_exists(_REPO))
    await silent.asked.wait()
    await connections.get(Connection(address, token="idle"))

    clock[0] = 61.0
    await connections.get(Connection(address, token="newest"))

    assert 2 == len(connections)
    assert busy is await connections.get(Connection(address))
    await connections.close()
    with pytest.raises(UnreachableError):
        await asking


async def test_nothing_is_left_of_a_client_that_was_hung_up():
    clock = [0.0]
    connections = Connections(idle_seconds=60, now=lambda: clock[0])
    client = await connections.get(Connection("127.0.0.1:1", token="replaced"))
    connections.glance(client)
    left = weakref.ref(client)
    del client
    clock[0] = 61.0
    await connections.get(Connection("127.0.0.1:1"))
    gc.collect()

    assert left() is None


async def test_a_client_that_makes_calls_is_kept_although_nobody_asks_for_it(pachd):
    clock = [0.0]
    connections = Connections(idle_seconds=60, now=lambda: clock[0])
    polling = await connections.get(Connection(pachd.address))
    for _ in range(3):
        clock[0] += 61.0
        await polling.repo_exists(_REPO)
        await connections.get(Connection(pachd.address, token=str(clock[0])))

    assert 2 == len(connections)
    assert polling is await connections.get(Connection(pachd.address))
    await connections.close()


class _Certificate:
    """A throwaway CA that signed itself for 127.0.0.1."""

    def __init__(self, folder):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "throwaway")])
        now = dt.datetime.now(dt.UTC)
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        signed = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - dt.timedelta(minutes=5))
            .not_valid_after(now + dt.timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName([address]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.pem = signed.public_bytes(serialization.Encoding.PEM)
        self.files = (folder / "tls.crt", folder / "tls.key")
        self.files[0].write_bytes(self.pem)
        self.files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )


@pytest.fixture
def certificate(tmp_path):
    return _Certificate(tmp_path)


@pytest.fixture
async def encrypted(tmp_path, certificate):
    async with Pachd(tmp_path / "pachd", tls=certificate.files) as server:
        yield server

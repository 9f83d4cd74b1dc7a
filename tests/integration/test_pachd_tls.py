"""The local pachd behind TLS: a client that trusts its certificate gets through.

So do the operator's client and the trainer's storage; neither is content with less.
"""

import asyncio
import json
import os
import ssl
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import grpc
import pytest
import pytest_asyncio
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb
from python_pachyderm.proto.v2.pfs import pfs_pb2_grpc

from integration.authorities import Authority
from integration.certificates import make_certificate
from integration.world import INPUT, OUTPUT, ROOT
from local_cluster.pachd import Pachd
from mnist_operator.errors import OperatorError
from mnist_operator.pachyderm import Connection, Pachyderm, PutFile


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def pachd(tmp_path, certificate):
    async with Pachd(tmp_path, tls=certificate) as pachd:
        yield pachd


async def _create_repo(channel: grpc.aio.Channel) -> None:
    request = pb.CreateRepoRequest(repo=pb.Repo(name="in", type="user"))
    await pfs_pb2_grpc.APIStub(channel).CreateRepo(request, timeout=10)


async def test_grpc_answers_whoever_trusts_the_certificate(pachd, certificate):
    trust = grpc.ssl_channel_credentials(certificate[0].read_bytes())

    async with grpc.aio.secure_channel(pachd.address, trust) as channel:
        await _create_repo(channel)


async def test_grpc_without_tls_reaches_nobody(pachd):
    async with grpc.aio.insecure_channel(pachd.address) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await _create_repo(channel)

    assert grpc.StatusCode.UNAVAILABLE == refusal.value.code()


async def test_s3_answers_over_https_and_not_to_strangers(pachd, certificate):
    url = f"https://{pachd.s3_endpoint}/"
    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    async with aiohttp.ClientSession() as session:
        async with session.get(url, ssl=trusting) as answer:
            assert 200 == answer.status
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(url)


_CASES = {
    "trusted": {},
    "another-authority": {},
    "expired": {"expired": True},
    "another-host": {"host": "pachd.example.org"},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module", name="outcomes")
async def _outcomes(tmp_path_factory):
    """What the operator's client and the trainer's storage say of four servers."""
    folder = tmp_path_factory.mktemp("servers")
    ours = Authority(folder / "ours")
    theirs = Authority(folder / "theirs", "another-ca")
    former = Authority(folder / "former", "former-ca")
    ca = folder / "ca.crt"
    both = f"# Zuvor:\n{former.certificate}\n# Künftig:\n{ours.certificate}"
    ca.write_text(both, encoding="utf-8")
    said, given = [], []
    async with AsyncExitStack() as stack:
        for case, certificate in _CASES.items():
            signer = theirs if case == "another-authority" else ours
            pachd = Pachd(folder / case, tls=signer.issue(**certificate))
            await stack.enter_async_context(pachd)
            connection = Connection(pachd.address, None, ca.read_bytes(), tls=True)
            said.append(await _ask(Pachyderm(connection)))
            given.append(_variables(pachd, ca, folder))
        stored = await _store(given)
    return dict(zip(_CASES, zip(said, stored, strict=True), strict=True))


async def _ask(client):
    """Lay a commit on either side, or say why that is not possible."""
    try:
        for branch in (INPUT, OUTPUT):
            await client.create_repo(branch.repo)
            commit = await client.start_commit(branch, description="")
            await client.modify(branch.repo, commit, [PutFile("/data", b"some data")])
    except OperatorError as error:
        return str(error)
    finally:
        await client.close()
    return "answered"


def _variables(pachd, ca, folder):
    """The operator's own, as the pod of a training gets them."""
    return {
        "INPUT_BUCKET": "master.inputrepo",
        "OUTPUT_BUCKET": "master.outputrepo",
        "TRAINING_DATA": "data",
        "MODEL_FILE": "model",
        "DATA_DIR": str(folder),
        "S3_ENDPOINT": pachd.s3_endpoint,
        "S3_USE_HTTPS": "1",
        "S3_VERIFY_SSL": "1",
        "S3_CA_FILE": str(ca),
        "AWS_MAX_ATTEMPTS": "1",
    }


async def _store(given):
    process = await asyncio.create_subprocess_exec(
        str(ROOT / ".venv/trainer/bin/python"),
        str(ROOT / "tests/integration/storage_over_tls.py"),
        env={**os.environ, "PYTHONPATH": str(ROOT / "trainer")},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    answer, _ = await process.communicate(json.dumps(given).encode())
    return json.loads(answer)


async def test_both_speak_tls_where_one_of_their_authorities_has_signed(outcomes):
    assert ("answered", "copied") == outcomes["trusted"]


@pytest.mark.parametrize(
    ("case", "to_the_operator", "to_the_trainer"),
    [
        pytest.param(
            "another-authority",
            "an authority that is not trusted",
            "put the certificate of the authority that signed it into the file of "
            "S3_CA_FILE, which is key ca.crt of the Secret",
            id="another-authority",
        ),
        pytest.param(
            "expired",
            "has expired",
            "have the gateway's certificate renewed",
            id="expired",
        ),
        pytest.param(
            "another-host",
            "is for another host",
            "name the gateway in S3_ENDPOINT by a host that its certificate is for",
            id="another-host",
        ),
    ],
)
async def test_neither_speaks_to_a_server_that_it_cannot_trust(
    outcomes, case, to_the_operator, to_the_trainer
):
    said, stored = outcomes[case]

    assert to_the_operator in said
    assert stored.startswith("AccessRefused: ")
    assert to_the_trainer in stored

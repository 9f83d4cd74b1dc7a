"""The local pachd behind TLS: a client that trusts its certificate gets through."""

import ssl
from pathlib import Path

import aiohttp
import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb
from python_pachyderm.proto.v2.pfs import pfs_pb2_grpc

from integration.certificates import make_certificate
from local_cluster.pachd import Pachd


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

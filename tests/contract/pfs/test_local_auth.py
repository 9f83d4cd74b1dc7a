"""With a token, the local pachd lets in whoever holds it, and nobody else."""

import grpc
import pytest
from botocore import UNSIGNED
from google.protobuf.empty_pb2 import Empty
from python_pachyderm.proto.v2.auth import auth_pb2, auth_pb2_grpc
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb
from python_pachyderm.proto.v2.version.versionpb import version_pb2_grpc

from contract.pfs.aio_clients import AioClient, s3_call
from contract.pfs.clients import S3
from local_cluster.pachd import Pachd

TOKEN = "the-token"


@pytest.fixture
async def pachd(tmp_path):
    async with Pachd(tmp_path, token=TOKEN) as pachd:
        yield pachd


@pytest.fixture
async def open_pachd(tmp_path):
    async with Pachd(tmp_path / "open") as pachd:
        yield pachd


@pytest.mark.parametrize(
    ("token", "words"),
    [
        pytest.param("", "no authentication token", id="no token"),
        pytest.param("wrong", "corrupted or has expired", id="another token"),
    ],
)
async def test_calls_without_the_token_are_refused(pachd, token, words):
    async with AioClient(pachd.address, token) as client:
        with pytest.raises(grpc.aio.AioRpcError) as single:
            await client.create_repo()
        with pytest.raises(grpc.aio.AioRpcError) as stream:
            await client.commits()

    for refusal in (single.value, stream.value):
        assert grpc.StatusCode.UNAUTHENTICATED == refusal.code()
        assert words in refusal.details()


async def test_the_token_opens_everything(pachd):
    async with AioClient(pachd.address, TOKEN) as client:
        await client.create_repo()
        commit = await client.push({"/a": b"a"})
        answer = await s3_call(
            S3(pachd.s3_endpoint, TOKEN), "get_object", Bucket="in", Key="a"
        )

        assert b"a" == await client.get(commit, "/a")
    assert "a" == answer["body"]


async def test_the_version_is_told_to_anybody(pachd):
    async with AioClient(pachd.address) as client:
        version = await version_pb2_grpc.APIStub(client.channel).GetVersion(Empty())

    assert (2, 11, 6) == (version.major, version.minor, version.micro)


async def test_who_am_i_tells_whether_auth_is_on(pachd, open_pachd):
    request = auth_pb2.WhoAmIRequest()
    async with AioClient(pachd.address, TOKEN) as client:
        stub = auth_pb2_grpc.APIStub(client.channel)
        answer = await stub.WhoAmI(request, metadata=client.metadata)
    async with AioClient(open_pachd.address) as client:
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await auth_pb2_grpc.APIStub(client.channel).WhoAmI(request)

    assert answer.username.startswith("robot:")
    assert grpc.StatusCode.UNIMPLEMENTED == refusal.value.code()


async def test_s3_refuses_another_access_key(pachd):
    answer = await s3_call(S3(pachd.s3_endpoint, "wrong"), "list_buckets")

    assert (403, "InvalidAccessKeyId") == (
        answer["error"]["status"],
        answer["error"]["code"],
    )


async def test_s3_refuses_unsigned_requests_where_auth_is_on(pachd, open_pachd):
    answers = []
    for server in (pachd, open_pachd):
        s3 = S3(server.s3_endpoint)
        s3.client.meta.events.register("choose-signer.s3.*", _unsigned)
        answers.append(await s3_call(s3, "list_buckets"))

    refused, answered = answers
    assert 403 == refused["error"]["status"]
    assert 200 == answered["status"]


def _unsigned(**_):
    return UNSIGNED


async def test_s3_refuses_a_secret_that_is_not_the_access_key(pachd, open_pachd):
    for server, key in ((pachd, TOKEN), (open_pachd, "anybody")):
        s3 = S3(server.s3_endpoint, key, secret="another")

        answer = await s3_call(s3, "list_buckets")

        assert "SignatureDoesNotMatch" == answer["error"]["code"]


async def test_a_signature_covers_keys_that_need_quoting(pachd):
    s3 = S3(pachd.s3_endpoint, TOKEN)
    async with AioClient(pachd.address, TOKEN) as client:
        await client.create_repo()
        await client.push({"/a b/c&d~e=1%.txt": b"quoted"})

    found = await s3_call(s3, "get_object", Bucket="in", Key="a b/c&d~e=1%.txt")
    listed = await s3_call(s3, "list_objects", Bucket="in", Prefix="a b/c&")

    assert "quoted" == found["body"]
    assert ["a b/c&d~e=1%.txt"] == [
        row["Key"] for row in listed["response"]["Contents"]
    ]


async def test_a_token_does_not_open_a_repo_that_is_missing(pachd):
    async with AioClient(pachd.address, TOKEN) as client:
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await client.call("InspectRepo", pb.InspectRepoRequest(repo=client.repo))

    assert grpc.StatusCode.NOT_FOUND == refusal.value.code()


async def test_whose_rights_are_looked_up_first_is_told_of_no_role_binding(pachd):
    async with AioClient(pachd.address, TOKEN) as client:
        branch, commit = client.branch(), pb.Commit(repo=client.repo, id="a" * 32)
        calls = [
            client.listing("ListBranch", pb.ListBranchRequest(repo=client.repo)),
            client.commits(),
            client.inspect(commit),
            client.paths(commit),
            client.start(),
            client.put(commit, {"/a": b"a"}),
            client.call("CreateBranch", pb.CreateBranchRequest(branch=branch)),
        ]
        for call in calls:
            with pytest.raises(grpc.aio.AioRpcError) as refusal:
                await call

            assert grpc.StatusCode.UNKNOWN == refusal.value.code()
            words = "no role binding exists for REPO default/in"
            assert words == refusal.value.details()

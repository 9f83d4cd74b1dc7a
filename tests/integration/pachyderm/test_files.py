"""Reading: whole files only, no more than asked for, never a short one."""

import grpc
import pytest
from google.protobuf import wrappers_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

from mnist_operator.commits import Repo
from mnist_operator.errors import NotFoundError, UnreachableError, UpstreamError
from mnist_operator.pachyderm import PutFile

_REPO = Repo("default", "inputrepo")
_MISSING = "0" * 32


class _Cut(pfs_pb2_grpc.APIServicer):
    """A pachd whose every file has ten bytes, of which others arrive."""

    def __init__(self, *, content=b"seven..", breaks=False):
        self.content = content
        self.breaks = breaks

    async def InspectFile(self, request, context):  # noqa: N802
        return pfs_pb2.FileInfo(
            file=request.file, file_type=pfs_pb2.FILE, size_bytes=10
        )

    async def GetFile(self, request, context):  # noqa: N802
        yield wrappers_pb2.BytesValue(value=self.content)
        if self.breaks:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")


async def test_a_file_reads_as_it_was_written(client, push, repo):
    commit = await push(b"data")

    assert b"data" == await client.read(repo, commit, "/data.txt")


async def test_a_large_file_comes_in_pieces(client, push, repo):
    content = bytes(range(256)) * 20_000
    commit = await push(content)

    pieces = [piece async for piece in client.chunks(repo, commit, "/data.txt")]

    assert len(pieces) > 1
    assert content == b"".join(pieces)


async def test_an_empty_file_is_not_a_missing_one(client, push, repo):
    commit = await push(b"")

    assert b"" == await client.read(repo, commit, "/data.txt")
    assert await client.read(repo, commit, "/nothing.txt") is None


async def test_a_directory_is_no_file(client, push, repo):
    commit = await push(path="/data/mnist.npz")

    assert await client.read(repo, commit, "/data") is None


async def test_a_commit_that_is_gone_is_not_a_missing_file(client, repo):
    with pytest.raises(NotFoundError):
        await client.read(repo, _MISSING, "/data.txt")
    with pytest.raises(NotFoundError):
        await client.files(repo, _MISSING)


async def test_streaming_a_missing_file_is_an_error(client, push, repo):
    commit = await push()

    with pytest.raises(NotFoundError):
        await anext(client.chunks(repo, commit, "/nothing.txt"))


async def test_a_file_larger_than_expected_is_refused_before_it_comes(
    client, push, repo
):
    commit = await push(b"x" * 100)

    with pytest.raises(UpstreamError, match="more than 99"):
        await client.read(repo, commit, "/data.txt", limit=99)


async def test_a_stream_that_ends_early_is_an_error(serve):
    client = await serve(_Cut())

    with pytest.raises(UpstreamError, match="10 bytes, 7 arrived"):
        await client.read(_REPO, "c1", "/data.txt")


async def test_a_stream_that_does_not_end_where_it_should_is_an_error(serve):
    client = await serve(_Cut(content=b"eleven bytes"))

    with pytest.raises(UpstreamError, match="10 bytes, 12 arrived"):
        await client.read(_REPO, "c1", "/data.txt")


async def test_a_stream_that_breaks_is_an_error(serve):
    client = await serve(_Cut(breaks=True))

    with pytest.raises(UnreachableError):
        await client.read(_REPO, "c1", "/data.txt")


async def test_files_are_listed_without_directories(client, master, repo):
    commit = await client.start_commit(master, description="")
    wanted = {"/data/a": b"1", "/data/deep/b": b"22", "/c": b""}
    changes = [PutFile(path, content) for path, content in wanted.items()]
    await client.modify(repo, commit, changes)
    await client.finish_commit(repo, commit)
    await client.commit(repo, commit, wait_finished=True)

    found = await client.files(repo, commit)

    assert {"/data/a": 1, "/data/deep/b": 2, "/c": 0} == {
        file.path: file.size for file in found
    }
    assert all(bytes.fromhex(file.hash) for file in found)


async def test_files_below_a_path_are_listed_alone(client, push, repo):
    await push(path="/data/a")
    commit = await push(path="/other/b")

    assert ["/data/a"] == [
        file.path for file in await client.files(repo, commit, "/data")
    ]
    assert [] == await client.files(repo, commit, "/nowhere")


async def test_an_empty_commit_has_no_files(client, master, repo):
    commit = await client.start_commit(master, description="")

    assert [] == await client.files(repo, commit)


async def test_a_listing_without_end_is_refused(client, master, repo):
    commit = await client.start_commit(master, description="")
    await client.modify(repo, commit, [PutFile(f"/{n}", b"") for n in range(4)])

    with pytest.raises(UpstreamError, match="more than 3"):
        await client.files(repo, commit, limit=3)


async def test_files_of_an_errored_commit_can_be_read(client, push, repo):
    await push(b"good")
    errored = await push(b"bad", error="bad data")

    assert await client.read(repo, errored, "/data.txt") is not None

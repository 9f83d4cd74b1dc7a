"""A client for tests that share their event loop with the server they test."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any, Self

import grpc.aio
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb
from python_pachyderm.proto.v2.pfs import pfs_pb2_grpc

from contract.pfs.clients import S3

__all__ = ["AioClient", "refused", "s3_call", "set_of"]

_OPTIONS = [
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 200),
    ("grpc.use_local_subchannel_pool", 1),
]
_TIMEOUT = 30


class AioClient:
    """One repo called `in`, and what is done to it."""

    def __init__(self, address: str, token: str = "") -> None:
        self.channel = grpc.aio.insecure_channel(address, options=_OPTIONS)
        self.stub = pfs_pb2_grpc.APIStub(self.channel)
        self.metadata = (("authn-token", token),) if token else ()
        project = pb.Project(name="default")
        self.repo = pb.Repo(name="in", type="user", project=project)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.channel.close()

    async def call(self, method: str, request: Any, timeout: float = _TIMEOUT) -> Any:
        stub = getattr(self.stub, method)
        # After a restart the channel needs a moment to find the server again.
        return await stub(
            request, timeout=timeout, wait_for_ready=True, metadata=self.metadata
        )

    async def listing(self, method: str, request: Any) -> list[Any]:
        call = getattr(self.stub, method)(
            request, timeout=_TIMEOUT, wait_for_ready=True, metadata=self.metadata
        )
        return [message async for message in call]

    async def create_repo(self) -> None:
        await self.call("CreateRepo", pb.CreateRepoRequest(repo=self.repo))

    def branch(self, name: str = "master") -> pb.Branch:
        return pb.Branch(repo=self.repo, name=name)

    async def derive(self) -> pb.Branch:
        """Make master of a repo called `out`, which descends from that of ours."""
        output = pb.Branch(repo=pb.Repo(name="out", type="user"), name="master")
        await self.call("CreateRepo", pb.CreateRepoRequest(repo=output.repo))
        request = pb.CreateBranchRequest(branch=output, provenance=[self.branch()])
        await self.call("CreateBranch", request)
        return output

    async def start(self, branch: str = "master", description: str = "") -> pb.Commit:
        request = pb.StartCommitRequest(
            branch=self.branch(branch), description=description
        )
        return await self.call("StartCommit", request)

    async def put(self, commit: pb.Commit, files: dict[str, bytes]) -> None:
        async def requests() -> AsyncIterator[pb.ModifyFileRequest]:
            yield pb.ModifyFileRequest(set_commit=commit)
            for path, data in files.items():
                added = {"path": path, "raw": {"value": data}}
                yield pb.ModifyFileRequest(add_file=added)

        await self.stub.ModifyFile(requests(), timeout=_TIMEOUT, metadata=self.metadata)

    async def finish(self, commit: pb.Commit) -> None:
        await self.call("FinishCommit", pb.FinishCommitRequest(commit=commit))

    async def wait(self, commit: pb.Commit) -> pb.CommitInfo:
        request = pb.InspectCommitRequest(commit=commit, wait=pb.FINISHED)
        return await self.call("InspectCommit", request)

    async def inspect(self, commit: pb.Commit) -> pb.CommitInfo:
        return await self.call("InspectCommit", pb.InspectCommitRequest(commit=commit))

    async def push(self, files: dict[str, bytes], branch: str = "master") -> pb.Commit:
        commit = await self.start(branch)
        await self.put(commit, files)
        await self.finish(commit)
        await self.wait(commit)
        return commit

    async def get(self, commit: pb.Commit, path: str) -> bytes:
        file = pb.File(commit=commit, path=path)
        pieces = await self.listing("GetFile", pb.GetFileRequest(file=file))
        return b"".join(piece.value for piece in pieces)

    async def paths(self, commit: pb.Commit) -> list[str]:
        request = pb.WalkFileRequest(file=pb.File(commit=commit, path="/"))
        found = await self.listing("WalkFile", request)
        return [info.file.path for info in found if info.file_type == pb.FILE]

    async def commits(self) -> list[str]:
        found = await self.listing("ListCommit", pb.ListCommitRequest(repo=self.repo))
        return [info.commit.id for info in found]


async def refused(awaitable: Awaitable[Any]) -> str:
    """Return the words of a refusal that has no code of its own."""
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await awaitable
    assert grpc.StatusCode.UNKNOWN == refusal.value.code()
    return refusal.value.details()


async def s3_call(s3: S3, name: str, **request: Any) -> dict[str, Any]:
    """Make a boto3 call while the server, in this loop, goes on serving."""
    return await asyncio.to_thread(s3.call, name, request)


def set_of(commit: pb.Commit) -> pb.CommitSet:
    """The commit and all that were made of it."""
    return pb.CommitSet(id=commit.id)

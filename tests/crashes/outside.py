"""What anyone can do with pachd: push data, write into a commit, and read it all back.

Straight on the generated stubs. Nothing of the operator is imported here, for the
judgement is made of what this reads.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import grpc
import grpc.aio
from google.protobuf.wrappers_pb2 import BytesValue
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

__all__ = ["REFUSED", "CommitSeen", "Outside"]

_DEADLINE_SECONDS = 20.0
_PATIENCE_SECONDS = 90.0
_RETRY_SECONDS = 0.1
_AWAY = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
}
_OPTIONS = (
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
)
REFUSED = grpc.aio.AioRpcError
"""What pachd's own no is raised as."""


@dataclass(frozen=True, slots=True)
class CommitSeen:
    """One commit, as pachd lists it."""

    id: str
    description: str
    error: str
    finished: bool
    made_of: tuple[tuple[str, str], ...]
    """Its provenance: repo and commit."""


class Outside:
    """One pachd, which may be away for a while: every call is made until it arrives."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.aio.insecure_channel(address, options=_OPTIONS)
        self._stub = pfs_pb2_grpc.APIStub(self._channel)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._channel.close()

    async def create_repo(self, repo: str) -> None:
        """Create a repo."""
        await self._ask("CreateRepo", pfs_pb2.CreateRepoRequest(repo=_repo(repo)))

    async def push(self, repo: str, path: str, content: bytes) -> str:
        """One finished commit on master that replaces one file; its ID."""
        start = pfs_pb2.StartCommitRequest(branch=_branch(repo, "master"))
        commit = (await self._ask("StartCommit", start)).id
        await self.write(repo, commit, {path: content})
        named = _commit(repo, commit)
        await self._ask("FinishCommit", pfs_pb2.FinishCommitRequest(commit=named))
        wait = pfs_pb2.InspectCommitRequest(
            commit=named, wait=pfs_pb2.CommitState.FINISHED
        )
        await self._ask("InspectCommit", wait)
        return str(commit)

    async def write(self, repo: str, commit: str, files: Mapping[str, bytes]) -> None:
        """Replace files of an open commit."""
        changes = [*_replacing(_commit(repo, commit), files)]
        await self._ask("ModifyFile", changes)

    async def commits(self, repo: str, branch: str = "") -> list[CommitSeen]:
        """A branch's commits, oldest first; or all that the repo has."""
        request = pfs_pb2.ListCommitRequest(repo=_repo(repo))
        if branch:
            wanted = pfs_pb2.Commit(repo=_repo(repo), branch=_branch(repo, branch))
            request.to.CopyFrom(wanted)
        else:
            request.all = True
        try:
            found = await self._read("ListCommit", request)
        except REFUSED as error:
            if "not found" in (error.details() or ""):
                return []
            raise
        return [_see(info) for info in found][::-1]

    async def branches(self, repo: str) -> list[str]:
        """The names of a repo's branches."""
        request = pfs_pb2.ListBranchRequest(repo=_repo(repo))
        found = await self._read("ListBranch", request)
        return [str(info.branch.name) for info in found]

    async def files(self, repo: str, commit: str) -> dict[str, bytes]:
        """Every file of a commit, by its path."""
        root = pfs_pb2.File(commit=_commit(repo, commit), path="/")
        walked = await self._read("WalkFile", pfs_pb2.WalkFileRequest(file=root))
        paths = [
            str(info.file.path)
            for info in walked
            if info.file_type == pfs_pb2.FileType.FILE
        ]
        contents = [await self.file(repo, commit, path) for path in paths]
        return dict(zip(paths, contents, strict=True))

    async def file(self, repo: str, commit: str, path: str) -> bytes:
        """The content of one file."""
        named = pfs_pb2.File(commit=_commit(repo, commit), path=path)
        parts = await self._read("GetFile", pfs_pb2.GetFileRequest(file=named))
        return b"".join(part.value for part in parts)

    async def _ask(self, call: str, request: Any) -> Any:
        async def once() -> Any:
            sent = iter(request) if isinstance(request, list) else request
            return await getattr(self._stub, call)(sent, timeout=_DEADLINE_SECONDS)

        return await _insist(once)

    async def _read(self, call: str, request: Any) -> list[Any]:
        async def once() -> list[Any]:
            stream = getattr(self._stub, call)(request, timeout=_DEADLINE_SECONDS)
            return [answer async for answer in stream]

        return list(await _insist(once))


async def _insist(once: Any) -> Any:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            try:
                return await once()
            except grpc.aio.AioRpcError as error:
                gone = "Stream removed" in (error.details() or "")
                if error.code() not in _AWAY and not gone:
                    raise
            await asyncio.sleep(_RETRY_SECONDS)


def _replacing(commit: Any, files: Mapping[str, bytes]) -> Iterator[Any]:
    yield pfs_pb2.ModifyFileRequest(set_commit=commit)
    yield from _changes(files.items())


def _changes(files: Iterable[tuple[str, bytes]]) -> Iterator[Any]:
    for path, content in files:
        yield pfs_pb2.ModifyFileRequest(delete_file=pfs_pb2.DeleteFile(path=path))
        added = pfs_pb2.AddFile(path=path, raw=BytesValue(value=content))
        yield pfs_pb2.ModifyFileRequest(add_file=added)


def _see(info: Any) -> CommitSeen:
    return CommitSeen(
        id=info.commit.id,
        description=info.description,
        error=info.error,
        finished=info.HasField("finished"),
        made_of=tuple(
            (each.branch.repo.name or each.repo.name, each.id)
            for each in info.direct_provenance
        ),
    )


def _repo(name: str) -> Any:
    project = pfs_pb2.Project(name="default")
    return pfs_pb2.Repo(name=name, type="user", project=project)


def _branch(repo: str, name: str) -> Any:
    return pfs_pb2.Branch(repo=_repo(repo), name=name)


def _commit(repo: str, commit: str) -> Any:
    return pfs_pb2.Commit(repo=_repo(repo), id=commit)

"""What the demo does with Pachyderm: push a data set, and read everything back.

python-pachyderm's generated stubs, with a deadline on each call; see
`mnist_operator.pachyderm` for what a program that runs for months needs on top.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import BytesValue
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

__all__ = ["Pachd", "PachydermError", "Published"]

_DEADLINE_SECONDS = 60
_CHUNK_BYTES = 2 * 1024 * 1024
"""Below gRPC's default limit of 4 MB for one message."""
_OPTIONS = [("grpc.max_receive_message_length", 64 * 1024 * 1024)]
_RECENT = 20
"""Commits to look through for a model: every one listed costs pachd about 10 ms."""


class PachydermError(Exception):
    """A call was refused; the message says which, and why."""


@dataclass(frozen=True, slots=True)
class Published:
    """A commit as it was read back."""

    commit: str
    description: str
    finished: bool
    error: str = ""


class Pachd:
    """One pachd, by its gRPC address."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.insecure_channel(
            address.removeprefix("grpc://"), options=_OPTIONS
        )
        self._stub = pfs_pb2_grpc.APIStub(self._channel)
        token = os.environ.get("PACHD_TOKEN", "")
        self._metadata = [("authn-token", token)] if token else []

    def close(self) -> None:
        """Let the connection go."""
        self._channel.close()

    def create_repo(self, name: str) -> None:
        """Create a repo unless it is there."""
        try:
            self._call("CreateRepo", pfs_pb2.CreateRepoRequest(repo=_repo(name)))
        except PachydermError as error:
            if "already exists" not in str(error):
                raise

    def push(self, repo: str, path: str, data: Path) -> str:
        """One commit on the master branch that replaces one file; its ID."""
        start = pfs_pb2.StartCommitRequest(branch=_branch(repo, "master"))
        commit = self._call("StartCommit", start)
        self._call("ModifyFile", _replace(commit, path, data))
        self._call("FinishCommit", pfs_pb2.FinishCommitRequest(commit=commit))
        wait = pfs_pb2.InspectCommitRequest(
            commit=commit, wait=pfs_pb2.CommitState.FINISHED
        )
        self._call("InspectCommit", wait)
        return str(commit.id)

    def recent(self, repo: str) -> list[Published]:
        """The newest commits of the master branch, newest first."""
        branch = _branch(repo, "master")
        to = pfs_pb2.Commit(repo=_repo(repo), branch=branch)
        request = pfs_pb2.ListCommitRequest(repo=_repo(repo), to=to, number=_RECENT)
        try:
            listed = list(self._stream("ListCommit", request))
        except PachydermError as error:
            if "not found" in str(error):
                return []
            raise
        return [
            Published(
                commit=info.commit.id,
                description=info.description,
                finished=info.HasField("finished"),
                error=info.error,
            )
            for info in listed
        ]

    def files(self, repo: str, commit: str) -> list[str]:
        """The paths of all files in a commit."""
        request = pfs_pb2.WalkFileRequest(file=_file(repo, commit, "/"))
        return [
            str(info.file.path)
            for info in self._stream("WalkFile", request)
            if info.file_type == pfs_pb2.FileType.FILE
        ]

    def read(self, repo: str, commit: str, path: str) -> bytes:
        """The content of one file of one commit."""
        request = pfs_pb2.GetFileRequest(file=_file(repo, commit, path))
        return b"".join(part.value for part in self._stream("GetFile", request))

    def _call(self, name: str, request: Any) -> Any:
        method = getattr(self._stub, name)
        try:
            return method(request, timeout=_DEADLINE_SECONDS, metadata=self._metadata)
        except grpc.RpcError as error:
            raise PachydermError(_explain(name, error)) from error

    def _stream(self, name: str, request: Any) -> Iterator[Any]:
        answers = self._call(name, request)
        try:
            yield from answers
        except grpc.RpcError as error:
            raise PachydermError(_explain(name, error)) from error


def _replace(commit: Any, path: str, data: Path) -> Iterator[Any]:
    """One atomic stream: without the delete, pachd would append."""
    yield pfs_pb2.ModifyFileRequest(set_commit=commit)
    yield pfs_pb2.ModifyFileRequest(delete_file=pfs_pb2.DeleteFile(path=path))
    with data.open("rb") as content:
        while chunk := content.read(_CHUNK_BYTES):
            added = pfs_pb2.AddFile(path=path, raw=BytesValue(value=chunk))
            yield pfs_pb2.ModifyFileRequest(add_file=added)


def _repo(name: str) -> Any:
    project = pfs_pb2.Project(name="default")
    return pfs_pb2.Repo(name=name, type="user", project=project)


def _branch(repo: str, name: str) -> Any:
    return pfs_pb2.Branch(repo=_repo(repo), name=name)


def _file(repo: str, commit: str, path: str) -> Any:
    return pfs_pb2.File(commit=pfs_pb2.Commit(repo=_repo(repo), id=commit), path=path)


def _explain(name: str, error: Any) -> str:
    return f"{name}: {error.code().name}: {error.details()}"

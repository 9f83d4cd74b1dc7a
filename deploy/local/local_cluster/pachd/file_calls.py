"""The PFS calls about files and file sets: requests in, messages out."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from fnmatch import fnmatchcase
from typing import Any

from google.protobuf.empty_pb2 import Empty
from google.protobuf.wrappers_pb2 import BytesValue
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb

from local_cluster.pachd.errors import FileMissingError, nothing_to_walk, unknown
from local_cluster.pachd.files import Draft, nothing_below
from local_cluster.pachd.lookups import Calls
from local_cluster.pachd.messages import (
    commit_message,
    commit_name,
    full_repo_key,
    timestamp,
)
from local_cluster.pachd.records import BranchKey, Commit, CommitKey
from local_cluster.pachd.trees import (
    Entry,
    entries,
    file_path,
    is_folder,
    parent_folder,
)

__all__ = ["FileCalls"]

_MOMENT = 0.005
"""Many times what gRPC takes, in seconds, to cancel a call after its last message."""


class FileCalls(Calls):
    """Reading and writing files."""

    # -- writing -----------------------------------------------------------

    async def ModifyFile(self, requests: AsyncIterator[Any], _: Any) -> Any:
        """Change files of one commit; all or, when the stream breaks off, none."""
        target: CommitKey | BranchKey | None = None
        draft = Draft(nothing_below)
        async for request in requests:
            if request.HasField("set_commit"):
                target = self._target(request.set_commit)
                draft = self.world.files.draft(target)
            else:
                self._change(draft, request)
        await _unless_given_up()
        if target is None:
            raise unknown("first message must be a commit")
        self.world.files.save(target, draft)
        return Empty()

    async def CreateFileSet(self, requests: AsyncIterator[Any], _: Any) -> Any:
        """Keep changes that belong to no commit yet."""
        draft = Draft(nothing_below)
        async for request in requests:
            self._change(draft, request)
        identity = self.world.files.create_set(draft)
        return pb.CreateFileSetResponse(file_set_id=identity)

    async def AddFileSet(self, request: Any, _: Any) -> Any:
        """Bring a file set into an open commit."""
        commit = self.find(request.commit)
        self.world.files.add_set(commit.key, request.file_set_id)
        return Empty()

    async def RenewFileSet(self, request: Any, _: Any) -> Any:
        """Keep a file set for longer; here it is kept anyway."""
        if request.file_set_id not in self.world.store.file_sets:
            raise unknown("renew file set: path does not exist")
        return Empty()

    def _target(self, message: Any) -> CommitKey | BranchKey:
        """Return where a stream writes: a commit by its id, or a branch."""
        repo, name = commit_name(message)
        self.authorized(repo)
        if message.id and name not in self.world.store.repo(repo).branches:
            return self.find(message).key
        self.world.store.repo(repo)
        return BranchKey(repo, name)

    def _change(self, draft: Draft, request: Any) -> None:
        kind = request.WhichOneof("body")
        change = getattr(request, kind)
        if kind == "add_file":
            draft.add(change.path, self.world.store.blobs.put(change.raw.value))
        elif kind == "delete_file":
            draft.delete(change.path)
        else:
            self._copy(draft, change)

    def _copy(self, draft: Draft, change: Any) -> None:
        full_repo_key(change.src.commit.repo)
        commit = self.find(change.src.commit).key
        source = self.world.files.tree(commit)
        draft.copy(change.dst, source, change.src.path, append=change.append)

    # -- reading -----------------------------------------------------------

    async def GetFile(self, request: Any, _: Any) -> AsyncIterator[Any]:
        """Send a file's bytes, from an offset on."""
        commit = self.find(request.file.commit).key
        content = self.world.files.content(commit, request.file.path)
        for data in self.world.store.blobs.read(content, request.offset):
            yield BytesValue(value=data)

    async def InspectFile(self, request: Any, _: Any) -> Any:
        """Tell about one file or folder."""
        commit, found = self._entries(request.file.commit)
        return _file_info(commit, _entry(commit, found, request.file.path))

    async def ListFile(self, request: Any, _: Any) -> AsyncIterator[Any]:
        """Tell what lies directly in a folder; or about the file itself."""
        commit, found = self._entries(request.file.commit)
        for entry in _inside(commit, found, request.file.path):
            yield _file_info(commit, entry)

    async def WalkFile(self, request: Any, _: Any) -> AsyncIterator[Any]:
        """Tell about a file or a folder and all below it."""
        commit, found = self._entries(request.file.commit)
        path = file_path(request.file.path)
        if not found and path == "/":
            return
        try:
            top = _entry(commit, found, path)
        except FileMissingError:
            raise nothing_to_walk(commit.key, path) from None
        for entry in found.values():
            if entry == top or (
                is_folder(top.path) and entry.path.startswith(top.path)
            ):
                yield _file_info(commit, entry)

    async def GlobFile(self, request: Any, _: Any) -> AsyncIterator[Any]:
        """Tell about all files and folders whose path matches a pattern."""
        commit, found = self._entries(request.commit)
        pattern = file_path(request.pattern).rstrip("/")
        for entry in found.values():
            path = entry.path.rstrip("/")
            level = path.count("/") == pattern.count("/") or "**" in pattern
            if level and fnmatchcase(path, pattern):
                yield _file_info(commit, entry)

    def _entries(self, message: Any) -> tuple[Commit, dict[str, Entry]]:
        commit = self.find(message)
        tree = self.world.files.tree(commit.key)
        return commit, entries(tree, self.world.store.blobs.file_hash)


async def _unless_given_up() -> None:
    """Let a stream that its client gave up end here, before it has an effect.

    To a handler it ends like a complete one; its task is cancelled a moment later.
    """
    await asyncio.sleep(_MOMENT)


def _entry(commit: Commit, found: dict[str, Entry], path: str) -> Entry:
    path = file_path(path)
    for name in (path, f"{path}/"):
        if name in found:
            return found[name]
    raise FileMissingError(commit.key, path)


def _inside(commit: Commit, found: dict[str, Entry], path: str) -> Iterator[Entry]:
    if not found and file_path(path) == "/":
        return
    top = _entry(commit, found, path)
    if not is_folder(top.path):
        yield top
    for entry in found.values():
        if entry.path != "/" and parent_folder(entry.path) == top.path:
            yield entry


def _file_info(commit: Commit, entry: Entry) -> Any:
    file = pb.File(commit=commit_message(commit.key), path=entry.path)
    kind = pb.DIR
    if not is_folder(entry.path):
        file.datum = "default"
        kind = pb.FILE
    return pb.FileInfo(
        file=file,
        file_type=kind,
        committed=timestamp(commit.finishing),
        size_bytes=entry.size,
        hash=entry.hash,
    )

"""What a commit holds: its files, whole or in pieces.

Every read is measured against the size that pachd states for the file, so that a
stream which ends early can never pass for a short file.
"""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from mnist_operator.commits import File, Repo
from mnist_operator.errors import NotFoundError, TooLargeError, UpstreamError
from mnist_operator.pachyderm import wire
from mnist_operator.pachyderm.branches import Branches
from mnist_operator.pachyderm.stubs import pfs_pb2

__all__ = ["Files"]

_READ_LIMIT = 16 << 20
_FILES_LIMIT = 100_000

# Only a missing path is an empty answer; a missing commit or repo is an error.
_NO_SUCH_PATH = re.compile(r"\bfile .* not found in repo")


class Files(Branches):
    """The files of one pachd, read only."""

    async def read(
        self, repo: Repo, commit: str, path: str, *, limit: int = _READ_LIMIT
    ) -> bytes | None:
        """Read a whole file; None where the commit has no such file.

        Raises:
            TooLargeError: It is larger than ``limit``.
            UpstreamError: It did not arrive whole.
            NotFoundError: The commit is not there.
        """
        size = await self._size(repo, commit, path)
        if size is None:
            return None
        if size > limit:
            raise TooLargeError(
                "pachd", "GetFile", f"{path} has {size} bytes, more than {limit}"
            )
        return b"".join([piece async for piece in self._get(repo, commit, path, size)])

    async def read_from(
        self, repo: Repo, commit: str, path: str, start: int
    ) -> bytes | None:
        """Read a file from an offset on; None where it is not there, or shorter.

        Raises:
            UpstreamError: It did not arrive whole.
            NotFoundError: The commit is not there.
        """
        size = await self._size(repo, commit, path)
        if size is None or size < start:
            return None
        pieces = self._get(repo, commit, path, size, start)
        return b"".join([piece async for piece in pieces])

    async def chunks(
        self, repo: Repo, commit: str, path: str, *, size: int | None = None
    ) -> AsyncGenerator[bytes]:
        """Read a file of any size, piece by piece; of this size, if that is known.

        Raises:
            NotFoundError: The file or the commit is not there.
            UpstreamError: It did not arrive whole; what came must be thrown away.
        """
        if size is None:
            size = await self._size(repo, commit, path)
        if size is None:
            raise NotFoundError("pachd", "GetFile", f"file {path} not found in {repo}")
        async with aclosing(self._get(repo, commit, path, size)) as pieces:
            async for piece in pieces:
                yield piece

    async def files(
        self, repo: Repo, commit: str, path: str = "/", *, limit: int = _FILES_LIMIT
    ) -> list[File]:
        """List every file below a path, without directories, in pachd's order.

        Raises:
            TooLargeError: There are more than ``limit``.
            NotFoundError: The commit is not there.
        """
        request = pfs_pb2.WalkFileRequest(file=wire.file_message(repo, commit, path))
        found: list[File] = []
        try:
            async with aclosing(self._calls.stream("WalkFile", request)) as infos:
                async for info in infos:
                    if info.file_type == pfs_pb2.FILE:
                        found.append(wire.file_value(info))
                    if len(found) > limit:
                        raise TooLargeError(
                            "pachd", "WalkFile", f"more than {limit} files below {path}"
                        )
        except NotFoundError as error:
            if _NO_SUCH_PATH.search(error.detail):
                return []
            raise
        return found

    async def _size(self, repo: Repo, commit: str, path: str) -> int | None:
        file = wire.file_message(repo, commit, path)
        try:
            info = await self._inspect_file(file)
        except NotFoundError as error:
            if _NO_SUCH_PATH.search(error.detail):
                return None
            raise
        return int(info.size_bytes) if info.file_type == pfs_pb2.FILE else None

    async def _inspect_file(self, file: Any) -> Any:
        request = pfs_pb2.InspectFileRequest(file=file)
        return await self._calls.unary("InspectFile", request)

    async def _get(
        self, repo: Repo, commit: str, path: str, size: int, start: int = 0
    ) -> AsyncGenerator[bytes]:
        file = wire.file_message(repo, commit, path)
        request = pfs_pb2.GetFileRequest(file=file, offset=start)
        received = start
        async with aclosing(self._calls.stream("GetFile", request)) as pieces:
            async for piece in pieces:
                received += len(piece.value)
                if received > size:
                    break
                yield piece.value
        if received != size:
            raise UpstreamError(
                "pachd", "GetFile", f"{path} has {size} bytes, {received} arrived"
            )

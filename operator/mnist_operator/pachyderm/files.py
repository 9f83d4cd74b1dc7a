"""What a commit holds: its files, whole or in pieces.

Every read is measured against the size that pachd states for the file, so that a
stream which ends early can never pass for a short file.
"""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from mnist_operator.commits import File, Repo
from mnist_operator.errors import NotFoundError, TooLargeError, UpstreamError
from mnist_operator.pachyderm import wire
from mnist_operator.pachyderm.branches import Branches
from mnist_operator.pachyderm.patience import patiently
from mnist_operator.pachyderm.proto import number, part

__all__ = ["Files"]

_READ_LIMIT = 16 << 20
_FILES_LIMIT = 100_000

# Only a missing path is an empty answer; a missing commit or repo is an error. Of a
# walk, pachd says it in words of another layer.
_NO_SUCH_PATH = re.compile(
    r"\bfile .* not found in repo|\bcommit/[0-9a-f]+ does not contain item: \("
)


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
        walk = partial(self._walk, repo, commit, path, limit)
        try:
            return await patiently(self._calls, repo, walk)
        except NotFoundError as error:
            if _NO_SUCH_PATH.search(error.detail):
                return []
            raise

    async def _walk(self, repo: Repo, commit: str, path: str, limit: int) -> list[File]:
        question = part(1, wire.file_bytes(repo, commit, path))
        walk = self._calls.ask_for_all("WalkFile", question, wire.file_value)
        found: list[File] = []
        async with aclosing(walk) as listed:
            async for file in listed:
                if file is not None:
                    found.append(file)
                if len(found) > limit:
                    raise TooLargeError(
                        "pachd", "WalkFile", f"more than {limit} files below {path}"
                    )
        return found

    async def _size(self, repo: Repo, commit: str, path: str) -> int | None:
        question = part(1, wire.file_bytes(repo, commit, path))
        look = partial(self._calls.ask, "InspectFile", question, wire.file_value)
        try:
            found = await patiently(self._calls, repo, look)
        except NotFoundError as error:
            if _NO_SUCH_PATH.search(error.detail):
                return None
            raise
        return None if found is None else found.size

    async def _get(
        self, repo: Repo, commit: str, path: str, size: int, start: int = 0
    ) -> AsyncGenerator[bytes]:
        question = part(1, wire.file_bytes(repo, commit, path)) + number(3, start)
        received = start
        answers = self._calls.ask_for_all("GetFile", question, wire.piece_value)
        async with aclosing(answers) as pieces:
            async for piece in pieces:
                received += len(piece)
                if received > size:
                    break
                yield piece
        if received != size:
            raise UpstreamError(
                "pachd", "GetFile", f"{path} has {size} bytes, {received} arrived"
            )

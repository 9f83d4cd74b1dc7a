"""The files of one state of the data, wherever it is: listed, and copied when asked."""

import hashlib
from collections.abc import Mapping
from contextlib import aclosing
from typing import BinaryIO, Protocol

from mnist_operator.commits import Commit
from mnist_operator.datasets.files import Version
from mnist_operator.pachyderm import Pachyderm

__all__ = ["CommitSource", "Source", "open_commit"]


class Source(Protocol):
    """One state of the data."""

    @property
    def name(self) -> str:
        """How it is told; every refusal begins with it."""

    @property
    def files(self) -> Mapping[str, Version]:
        """All its files by path, which begins with a slash."""

    async def copy(self, path: str, into: BinaryIO) -> str:
        """Write a file's bytes there; gives back their sha256, in hexadecimal."""


class CommitSource:
    """An input commit."""

    def __init__(
        self, client: Pachyderm, commit: Commit, files: Mapping[str, Version]
    ) -> None:
        self._client = client
        self.commit = commit
        self.name = str(commit)
        self.files = files

    async def copy(self, path: str, into: BinaryIO) -> str:
        """Download it in pieces.

        Raises:
            UpstreamError: It did not arrive whole.
        """
        digest = hashlib.sha256()
        pieces = self._client.chunks(self.commit.repo, self.commit.id, path)
        async with aclosing(pieces) as chunks:
            async for chunk in chunks:
                digest.update(chunk)
                into.write(chunk)
        return digest.hexdigest()


async def open_commit(client: Pachyderm, commit: Commit) -> CommitSource:
    """List a finished commit's files.

    Raises:
        NotFoundError: The commit is not there any more.
        TooLargeError: It has more than 100,000 files.
    """
    listed = await client.files(commit.repo, commit.id)
    files = {each.path: Version(each.size, each.hash) for each in listed}
    return CommitSource(client, commit, files)

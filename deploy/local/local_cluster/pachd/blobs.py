"""Bytes on disk, named by their hash: written once, never changed.

A blob appears under its name by a rename, complete or not at all, so whatever
dies in the middle leaves nothing but a temporary file.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self

from local_cluster.pachd.records import Content, Part

__all__ = ["CHUNK", "BlobStore", "BlobWriter"]

CHUNK = 1 << 20
"""How much of a file is in memory at a time."""


def _new_hash() -> "hashlib.blake2b":
    return hashlib.blake2b(digest_size=32)


class BlobWriter:
    """Takes the bytes of one blob as they arrive."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hash = _new_hash()
        self._size = 0
        self._file: IO[bytes] = tempfile.NamedTemporaryFile(  # noqa: SIM115
            dir=folder / "incoming", delete=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        Path(self._file.name).unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """Add bytes at the end."""
        self._hash.update(data)
        self._size += len(data)
        self._file.write(data)

    def keep(self) -> Content:
        """Make the blob permanent and return the reference to it."""
        if self._size == 0:
            return ()
        self._file.close()
        digest = self._hash.hexdigest()
        Path(self._file.name).replace(self._folder / digest)
        return (Part(digest, self._size),)


class BlobStore:
    """All blobs of one pachd, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hashes: dict[Content, bytes] = {}
        (folder / "incoming").mkdir(parents=True, exist_ok=True)
        for torn in (folder / "incoming").iterdir():
            torn.unlink()

    def writer(self) -> BlobWriter:
        """Open a new blob; use it as a context manager."""
        return BlobWriter(self._folder)

    def put(self, data: bytes) -> Content:
        """Store bytes that are in memory already."""
        with self.writer() as blob:
            blob.write(data)
            return blob.keep()

    def read(
        self, content: Content, offset: int = 0, length: int | None = None
    ) -> Iterator[bytes]:
        """Yield a range of a file in pieces, small parts joined."""
        piece = bytearray()
        for data in self._parts(content, offset, length):
            piece += data
            if len(piece) >= CHUNK:
                yield bytes(piece)
                piece.clear()
        if piece:
            yield bytes(piece)

    def _parts(
        self, content: Content, offset: int, length: int | None
    ) -> Iterator[bytes]:
        left = sum(part.size for part in content) - offset if length is None else length
        for part in content:
            if offset >= part.size:
                offset -= part.size
                continue
            with (self._folder / part.digest).open("rb") as file:
                file.seek(offset)
                offset = 0
                while left > 0 and (data := file.read(min(CHUNK, left))):
                    left -= len(data)
                    yield data

    def file_hash(self, content: Content) -> bytes:
        """Return the hash that pachd shows for a file: the hash of its chunks'.

        It is exact for files of one chunk; a real pachd cuts larger files at
        places that only its own chunker knows.
        """
        if content not in self._hashes:
            self._hashes[content] = self._hash_file(content)
        return self._hashes[content]

    def _hash_file(self, content: Content) -> bytes:
        if not content:
            return _new_hash().digest()
        if len(content) == 1:
            inner = bytes.fromhex(content[0].digest)
        else:
            whole = _new_hash()
            for data in self.read(content):
                whole.update(data)
            inner = whole.digest()
        return hashlib.blake2b(inner, digest_size=32).digest()

"""For the rest of the program: files come in and go out, wherever they really are.

``s3`` and ``folder`` are the two places; both digest while they copy, so that what the
manifest says about a file is what went over the wire.
"""

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from mnist_trainer.errors import DataError, DiskError

__all__ = ["CHUNK", "Storage", "StoredFile", "digest", "receive", "unwritable"]

CHUNK: Final = 1 << 20
"""Bytes read at a time: large enough to be quick, small enough to stop early."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it lies in its commit."""

    path: str
    """Absolute within the commit."""
    sha256: str
    bytes: int

    def describe(self) -> dict[str, str | int]:
        """Write the file down for the manifest."""
        return {"path": self.path, "sha256": self.sha256, "bytes": self.bytes}


class Storage(Protocol):
    """One commit to read from, another to write to."""

    def download(self, path: str, target: Path, *, limit: int) -> StoredFile:
        """Copy a file of the input to ``target``, unless it is over ``limit`` bytes."""
        ...

    def list_files(self, folder: str) -> list[str]:
        """Name all files of the input below a folder, in order; "" is all of it."""
        ...

    def upload(self, source: Path, path: str) -> StoredFile:
        """Copy a file of ours into the output, replacing what was there."""
        ...


def receive(
    chunks: Iterable[bytes], path: str, target: Path, *, limit: int
) -> StoredFile:
    """Write what arrives to ``target`` and digest it on the way."""
    found = hashlib.sha256()
    size = 0
    with _opened(target) as write:
        for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise DataError(
                    f"/{path} is larger than {limit} bytes: push a smaller file"
                )
            found.update(chunk)
            write(chunk)
    return StoredFile(f"/{path}", found.hexdigest(), size)


def digest(source: Path, path: str) -> StoredFile:
    """Describe a file of ours as the one that it becomes in the output."""
    with source.open("rb") as file:
        found = hashlib.file_digest(file, "sha256")
    return StoredFile(f"/{path}", found.hexdigest(), source.stat().st_size)


@contextlib.contextmanager
def _opened(target: Path) -> Iterator[Callable[[bytes], None]]:
    """Tell our own disk's failures from those of whoever sends the chunks."""

    def write(chunk: bytes) -> None:
        rest = memoryview(chunk)
        try:
            # The last bytes before a disk is full are taken without a complaint.
            while rest:
                rest = rest[file.write(rest) :]
        except OSError as error:
            raise unwritable(target, error) from error

    try:
        file = target.open("wb", buffering=0)
    except OSError as error:
        raise unwritable(target, error) from error
    with file:
        yield write


def unwritable(target: Path, error: OSError) -> DiskError:
    """Blame the disk, and say whose it is to mend."""
    return DiskError(
        f"{target} cannot be written ({error.strerror or error}): "
        "make room there, or name another folder (DATA_DIR, --output)"
    )

"""For a person at a terminal: the same run on local files, without any server."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from mnist_trainer import storage
from mnist_trainer.errors import ConfigError, InputMissingError
from mnist_trainer.storage import StoredFile

__all__ = ["FolderStorage"]


class FolderStorage:
    """Read from one folder and write to another, or to none."""

    def __init__(
        self, source: Path, target: Path | None = None, *, flag: str = "--data"
    ) -> None:
        self._flag = flag
        self._source = source
        self._target = target

    def download(self, path: str, target: Path, *, limit: int) -> StoredFile:
        """Copy, so that what is trained on cannot change under our hands."""
        source = self._source / path
        try:
            file = source.open("rb")
        except OSError as error:
            raise InputMissingError(
                f"{source} cannot be read ({error.strerror}): check {self._flag}"
            ) from error
        with file:
            return storage.receive(_chunks(file), path, target, limit=limit)

    def list_files(self, folder: str) -> list[str]:
        """Look into all folders below, but not through links to other places."""
        found = (self._source / folder).rglob("*")
        names = (each.relative_to(self._source) for each in found if each.is_file())
        return sorted(name.as_posix() for name in names)

    def upload(self, source: Path, path: str) -> StoredFile:
        """Copy, then rename: nobody sees half a file."""
        if self._target is None:
            raise ConfigError("--output is missing: name a folder to write to")
        target = self._target / path
        partial = target.with_name(f".{target.name}.partial")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with source.open("rb") as file:
                stored = storage.receive(
                    _chunks(file), path, partial, limit=source.stat().st_size
                )
            partial.replace(target)
        except OSError as error:
            raise storage.unwritable(target, error) from error
        return stored


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(storage.CHUNK):
        yield chunk

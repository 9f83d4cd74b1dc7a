"""The public keys that the page checks signatures with.

They are read whenever a record is looked at: in a cluster they are a ConfigMap's, and
a key that was added there is to count without a restart, as a new signing key does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from mnist_operator.cli.verify.keys import read_keys
from mnist_operator.signing import hint_of

__all__ = ["Key", "Keyring"]


@dataclass(frozen=True, slots=True)
class Key:
    """A public key, in PEM, and what its file is called."""

    name: str
    pem: bytes

    @property
    def hint(self) -> str:
        """What signatures that were made with it call it."""
        return hint_of(self.pem)


class Keyring:
    """Keys in files, and in folders of such files."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = tuple(paths)

    def read(self) -> tuple[Key, ...]:
        """All of them, as they are now.

        Raises:
            click.UsageError: One is no public key, or there is none where some were
                to be; the message names the file or folder.
        """
        return tuple(key for path in self._paths for key in _read(path))


def _read(path: Path) -> list[Key]:
    try:
        files = _list(path) if path.is_dir() else [path]
        found = read_keys(files)
    except OSError as error:
        raise click.UsageError(f"--key {path}: {error.strerror}") from None
    if not found:
        raise click.UsageError(f"--key {path}: there is no file in this folder")
    names = (each.name for each in files)
    return [Key(name, pem) for name, pem in zip(names, found, strict=True)]


def _list(folder: Path) -> list[Path]:
    """Its files; a ConfigMap's has folders beside them whose names begin with a dot."""
    named = (each for each in folder.iterdir() if not each.name.startswith("."))
    return sorted(each for each in named if each.is_file())

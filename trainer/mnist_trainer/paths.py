"""For the names of files: whether there can be such a file, before one is written."""

from pathlib import PurePosixPath
from typing import Final

from mnist_trainer.errors import ConfigError
from mnist_trainer.quotes import has_controls, quote

__all__ = ["check", "place_inside"]

_LONGEST_NAME: Final = 255
"""Bytes of a file's name, on every file system of Linux."""

_LONGEST_KEY: Final = 1024
"""Bytes of an object's name in S3."""

_LONGEST_PATH: Final = 3000
"""Bytes of a folder's path, so that what lies in it stays below Linux's 4096."""


def place_inside(variable: str, value: str) -> str:
    """Keep a path within its bucket: the same text names a file on our own disk.

    Raises:
        ConfigError: it leads out of it, or there cannot be such a file.

    """
    path = PurePosixPath(value.lstrip("/"))
    if not path.name or ".." in path.parts:
        raise ConfigError(
            f"{variable} is {quote(value)}: give a path inside the bucket, without '..'"
        )
    return check(variable, str(path), longest=_LONGEST_KEY)


def check(variable: str, path: str, *, longest: int = _LONGEST_PATH) -> str:
    """Return a path that there can be, whether or not there is one.

    Raises:
        ConfigError: it has more than ``longest`` bytes, or characters of no name.

    """
    lengths = [len(part.encode()) for part in path.split("/")]
    size = len(path.encode())
    if has_controls(path) or size > longest or max(lengths) > _LONGEST_NAME:
        raise ConfigError(
            f"{variable} is {quote(path)}: give a path without control characters, of "
            f"at most {longest} bytes in all and {_LONGEST_NAME} between two slashes"
        )
    return path

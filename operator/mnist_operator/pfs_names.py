"""What Pachyderm accepts for names and paths, as the resource's fields. Pure."""

from typing import Annotated

from pydantic import Field

__all__ = ["COMMIT_PATTERN", "DataPath", "PfsName", "PfsPath"]

COMMIT_PATTERN = "^[0-9a-f]{32}$"
_NAME_PATTERN = "^[a-zA-Z0-9_-]+$"
"""What pachd accepts for a repo, branch or project."""
_PATH_PATTERN = "^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$"
"""A relative path: pachd refuses what is not ASCII, and what reading takes for a
pattern, such as + and ()."""
_DATA_PATTERN = _PATH_PATTERN.removesuffix("$") + "/?$"
"""The same, or a folder by the slash at its end."""

PfsName = Annotated[str, Field(min_length=1, max_length=63, pattern=_NAME_PATTERN)]
PfsPath = Annotated[str, Field(min_length=1, max_length=255, pattern=_PATH_PATTERN)]
DataPath = Annotated[str, Field(min_length=1, max_length=255, pattern=_DATA_PATTERN)]

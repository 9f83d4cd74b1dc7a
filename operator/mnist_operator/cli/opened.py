"""A model's record as it was found: in Pachyderm, or in a folder without it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from mnist_operator.cli import finding, lookup
from mnist_operator.cli.failures import NotThereError, UntrustedRecordError
from mnist_operator.cli.models import Found
from mnist_operator.cli.references import Reference
from mnist_operator.cli.statements import Statement, read_statement
from mnist_operator.commits import File
from mnist_operator.evidence import BUNDLE_FILE, LINEAGE_FILE
from mnist_operator.pachyderm import Pachyderm

__all__ = [
    "Opened",
    "find_folder",
    "open_folder",
    "open_found",
    "open_model",
]


@dataclass(frozen=True, slots=True)
class Opened:
    """The record of one model, and the list of its files."""

    name: str
    """How it is told: project/repo@commit, or the folder's path."""
    content: bytes | None
    """lineage.json as it is there; None where it is missing."""
    bundle: bytes | None
    """Its signature, if there is one."""
    files: Sequence[File]
    """All files, the record's own too; without pachd's hash in a folder."""
    found: Found | None = None
    """The output commit; None in a folder."""
    folder: Path | None = None

    @property
    def statement(self) -> Statement:
        """lineage.json, taken apart; it says nothing where it is missing."""
        return read_statement(self.content)


def find_folder(text: str | None) -> Path | None:
    """The folder that is meant: a REF that is one on this machine means it."""
    if text is None:
        return None
    folder = Path(text)
    try:
        return folder if folder.is_dir() else None
    except OSError:  # No name of anything is so long.
        return None


async def open_model(
    client: Pachyderm, reference: Reference, *, at: datetime | None = None
) -> Opened:
    """Find a model in Pachyderm, and read its record.

    Raises:
        NotThereError: There is no such model, or there are several.
    """
    return await open_found(client, await finding.find_model(client, reference, at=at))


async def open_found(client: Pachyderm, found: Found) -> Opened:
    """Read the record of a model whose commit is known."""
    content, files = await lookup.read_record(client, found.commit)
    bundle = None
    if any(each.path == BUNDLE_FILE for each in files):
        bundle = await client.read(found.commit.repo, found.commit.id, BUNDLE_FILE)
    return Opened(str(found.commit), content, bundle, files, found)


def open_folder(folder: Path) -> Opened:
    """Read the record of a model that was downloaded, with nobody to ask.

    Raises:
        NotThereError: The folder has no lineage.json.
        UntrustedRecordError: It has what no commit has: a link, say.
        OSError: A part of it cannot be read.
    """
    record = folder / LINEAGE_FILE.lstrip("/")
    if not record.is_file():
        raise NotThereError(
            f"{folder} has no {record.name}: name the folder that an output commit was"
            " downloaded to, with all of its files"
        )
    bundle = folder / BUNDLE_FILE.lstrip("/")
    files = [
        File(f"/{path.relative_to(folder).as_posix()}", path.stat().st_size, "")
        for path in sorted(_walk(folder))
    ]
    signature = bundle.read_bytes() if bundle.is_file() else None
    name = str(folder)
    return Opened(name, record.read_bytes(), signature, files, folder=folder)


def _walk(folder: Path) -> list[Path]:
    """Every file below it; links are not followed, and end it."""
    found: list[Path] = []
    for base, folders, names in os.walk(folder, onerror=_raise):
        found += [Path(base) / name for name in names]
        for path in (Path(base) / each for each in [*folders, *names]):
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise UntrustedRecordError(
                    f"{path} is neither a file nor a folder, and no commit has such a"
                    " thing: download the commit again"
                )
    return found


def _raise(error: OSError) -> NoReturn:
    raise error

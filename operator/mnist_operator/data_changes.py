"""What changed between two states of the data: read as much as that takes, compare.

Files are told apart by their lists alone. Only where the files of the data set differ
are they downloaded, each of them once, into files without a name that are gone when
the shelf is closed.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from tempfile import TemporaryFile
from types import TracebackType
from typing import BinaryIO, Self

from mnist_operator.data_sources import Source
from mnist_operator.datasets import picking, surveys
from mnist_operator.datasets.archives import MOST_BYTES
from mnist_operator.datasets.changes import Comparison
from mnist_operator.datasets.comparison import compare
from mnist_operator.datasets.files import (
    FileChanges,
    Version,
    compare_files,
    data_paths,
)
from mnist_operator.datasets.groups import Group, Key, Side
from mnist_operator.datasets.pairs import Part
from mnist_operator.datasets.picking import Image
from mnist_operator.datasets.refusals import NoDatasetError, blame
from mnist_operator.datasets.samples import Scratch
from mnist_operator.datasets.surveys import Survey, join

__all__ = ["DataChange", "Shelf", "examine", "pick_images"]

_SCRATCH: Scratch = TemporaryFile


class Shelf:
    """Copies of files on the local disk, for as long as it is open."""

    def __init__(self) -> None:
        self._files: dict[tuple[str, str], BinaryIO] = {}
        self._digests: dict[tuple[str, str], str] = {}
        self._surveys: dict[tuple[str, str], Survey] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for file in self._files.values():
            file.close()

    async def fetch(self, source: Source, path: str) -> BinaryIO:
        """Copy a file here, unless it is here."""
        key = _key(source, path)
        if key not in self._files:
            file = _SCRATCH()
            try:
                self._digests[key] = await source.copy(path, file)
            except BaseException:
                file.close()
                raise
            self._files[key] = file
        return self._files[key]

    async def sha256(self, source: Source, path: str) -> str:
        """Hash a file, in hexadecimal."""
        await self.fetch(source, path)
        return self._digests[_key(source, path)]

    def known(self, source: Source) -> dict[str, Version]:
        """All files, with the digests of those that were fetched."""
        return {
            path: replace(version, sha256=self._digests.get(_key(source, path), ""))
            for path, version in source.files.items()
        }

    async def survey(self, source: Source, path: str) -> Survey:
        """Read a file's samples.

        Raises:
            NoDatasetError: It has none that can be read.
        """
        key = _key(source, path)
        file = await self.fetch(source, path)
        if key not in self._surveys:
            # In a thread: it takes a second for MNIST, and others share the loop.
            self._surveys[key] = await asyncio.to_thread(
                surveys.survey, path, file, _SCRATCH
            )
        return self._surveys[key]


def _key(source: Source, path: str) -> tuple[str, str]:
    """Equal for the same file in two commits: pachd's hash says so."""
    return source.files[path].hash or source.name, path


@dataclass(frozen=True, slots=True)
class DataChange:
    """What changed between two states of the data."""

    files: FileChanges
    comparison: Comparison | None
    """Of the samples; None where there is nothing to compare."""
    reason: str
    """Why there is nothing, in one line; empty where there is a comparison."""


async def examine(before: Source, after: Source, path: str, shelf: Shelf) -> DataChange:
    """Compare all files, and the samples of the data set at ``path``.

    Args:
        before: The older state.
        after: The newer one.
        path: As `spec.input.path`: an `.npz` file, or a folder with some below it.
        shelf: Where files are kept that had to be read.

    Raises:
        UpstreamError: Pachyderm did not give what it has.
        OSError: There is no room for a copy.
    """
    for each in before.files.keys() & after.files.keys():
        if before.files[each].equals(after.files[each]) is None:
            await shelf.sha256(before, each)
            await shelf.sha256(after, each)
    try:
        comparison, reason = await _compare(before, after, path, shelf), ""
    except NoDatasetError as error:
        comparison, reason = None, str(error)
    files = compare_files(shelf.known(before), shelf.known(after))
    if comparison is None and not reason:
        reason = "the data are the same in both"
    return DataChange(files, comparison, reason)


async def _compare(
    before: Source, after: Source, path: str, shelf: Shelf
) -> Comparison | None:
    """Compare the samples; None where both have the same files."""
    old, new = _find(before, path), _find(after, path)
    known = shelf.known(before), shelf.known(after)
    if old == new and all(known[0][each].equals(known[1][each]) for each in old):
        return None
    surveyed = await _survey(before, old, shelf), await _survey(after, new, shelf)
    return await asyncio.to_thread(compare, *surveyed)


def _find(source: Source, path: str) -> list[str]:
    found = list(data_paths(source.files, path))
    with blame(source.name):
        if not found:
            there = ", ".join(sorted(source.files)[:5]) or "nothing"
            raise NoDatasetError(
                f"there is no .npz file at /{path.strip('/')}, only {there}: name a"
                " file or a folder with --path"
            )
        size = sum(source.files[each].size for each in found)
        if size > MOST_BYTES:
            raise NoDatasetError(
                f"/{path.strip('/')} has {size} bytes, the limit is {MOST_BYTES}: name"
                " one of its files with --path"
            )
    return found


async def _survey(source: Source, paths: Iterable[str], shelf: Shelf) -> Survey:
    with blame(source.name):
        return join([await shelf.survey(source, each) for each in paths])


async def pick_images(
    sources: Mapping[Side, Source],
    comparison: Comparison,
    groups: Iterable[Group],
    shelf: Shelf,
) -> dict[Key, Image]:
    """Read the images that are to be looked at."""
    wanted: dict[tuple[Side, Part, str], dict[int, Key]] = defaultdict(dict)
    for tile in (tile for group in groups for tile in group.tiles):
        side, part, index = tile.key
        place = _survey_of(comparison, side).split(part).place(index)
        wanted[side, part, place.file][place.index] = tile.key
    found: dict[Key, Image] = {}
    for (side, part, path), keys in wanted.items():
        file = await shelf.fetch(sources[side], path)
        shape = _survey_of(comparison, side).shape or ()
        some = partial(picking.pick, file, part, keys, shape, _SCRATCH)
        images = await asyncio.to_thread(some)
        found |= {keys[index]: image for index, image in images.items()}
    return found


def _survey_of(comparison: Comparison, side: Side) -> Survey:
    return comparison.before if side == "before" else comparison.after

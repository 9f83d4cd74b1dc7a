"""Compare the data of two commits for the data gate: read both, and count.

A data set is read file by file into memory, since the operator's own disk is not to
be written; so what is compared is bounded. The reading itself, a second of work for
MNIST, is done in a thread, and by one training at a time.
"""

import asyncio
import io
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Protocol, TypeVar

from mnist_operator.commits import Repo
from mnist_operator.datasets import surveys
from mnist_operator.datasets.archives import open_archive
from mnist_operator.datasets.comparison import compare
from mnist_operator.datasets.files import Version, data_paths
from mnist_operator.datasets.refusals import NoDatasetError, blame
from mnist_operator.datasets.surveys import Split, Survey
from mnist_operator.errors import NotFoundError, TooLargeError
from mnist_operator.foreign import plain
from mnist_operator.gate_findings import Figures
from mnist_operator.pachyderm import Pachyderm

__all__ = ["MNIST_LIMITS", "Comparer", "Limits"]

T = TypeVar("T")

_FAULT_LIMIT = 200
_PATIENCE_SECONDS: Final = 60.0
"""So long one training waits for the comparison of another; then it looks again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a data set is read; what is larger cannot be compared.

    Chosen so that a comparison fits beside everything else in the 512 MiB that the
    manifests give the operator: one file and the scratch of one array in Fortran's
    order; and after that up to 900 bytes for each image, both sides together.
    """

    file_bytes: int = 96 << 20
    array_bytes: int = 512 << 20
    """Of a data set, unpacked; it bounds the work, since they come in pieces."""
    files: int = 1000
    images: int = 250_000
    """Of a data set, both splits together."""


MNIST_LIMITS: Final = Limits()


class _Offload(Protocol):
    """Calls a function where it keeps nobody waiting, as `asyncio.to_thread` does."""

    async def __call__(self, work: Callable[..., T], /, *arguments: Any) -> T: ...


class Comparer:
    """Compares data, one pair of commits at a time."""

    def __init__(
        self,
        offload: _Offload = asyncio.to_thread,
        limits: Limits = MNIST_LIMITS,
        *,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        self._offload = offload
        self._limits = limits
        self._patience = patience
        self._turn = asyncio.Lock()

    async def compare(
        self, client: Pachyderm, repo: Repo, base: str, commit: str, path: str
    ) -> Figures | None:
        """Say what changed between two commits; None: others were compared so long.

        The same for the same commits, whenever it is asked: neither can change.

        Raises:
            NotFoundError: ``commit`` is gone; without ``base`` there is a fault.
            UpstreamError: Pachyderm did not give what it has.
        """
        try:
            async with asyncio.timeout(self._patience):
                await self._turn.acquire()
        except TimeoutError:
            return None
        try:
            return await self._compare(client, repo, base, commit, path)
        except (NoDatasetError, TooLargeError) as error:
            told = error.detail if isinstance(error, TooLargeError) else str(error)
            return Figures(fault=plain(told, _FAULT_LIMIT))
        finally:
            self._turn.release()

    async def _compare(
        self, client: Pachyderm, repo: Repo, base: str, commit: str, path: str
    ) -> Figures:
        later = await self._list(client, repo, commit)
        try:
            earlier = await self._list(client, repo, base)
        except NotFoundError as error:
            raise NoDatasetError(f"commit {base} is gone from {repo}") from error
        before = _Reader(client, repo, base, self._offload, self._limits)
        after = _Reader(client, repo, commit, self._offload, self._limits)
        old = await before.read(earlier, path)
        same = all(earlier.get(p) == later.get(p) for p in _named(earlier, later, path))
        new = old if same else await after.read(later, path)
        return await self._offload(_count, old, new)

    async def _list(
        self, client: Pachyderm, repo: Repo, commit: str
    ) -> dict[str, Version]:
        found = await client.files(repo, commit)
        return {each.path: Version(each.size, each.hash) for each in found}


def _named(earlier: Any, later: Any, path: str) -> set[str]:
    return {*data_paths(earlier, path), *data_paths(later, path)}


def _count(old: Survey, new: Survey) -> Figures:
    """Both splits are one: an image that moves between them is neither gone nor new."""
    before, after = _whole(old), _whole(new)
    change = compare(before, after).train
    old_count, new_count = change.samples.before, change.samples.after
    moved = sum(abs(c.before * new_count - c.after * old_count) for c in change.classes)
    some = old_count and new_count
    shift = Fraction(moved, 2 * old_count * new_count) if some else Fraction()
    return Figures(
        before=old_count,
        after=new_count,
        relabelled=len(change.relabelled),
        dropped=len(change.removed),
        class_shift=shift if some else Fraction(old_count != new_count),
    )


def _whole(data: Survey) -> Survey:
    keys = (*data.train.keys, *data.test.keys)
    return Survey(data.shape, train=Split(keys))


@dataclass(slots=True)
class _Reader:
    """Reads one data set, and keeps count of what is left of its limits."""

    client: Pachyderm
    repo: Repo
    commit: str
    offload: _Offload
    limits: Limits
    arrays: int = 0
    images: int = 0

    async def read(self, files: dict[str, Version], path: str) -> Survey:
        """Every file of the data set, one after the other."""
        with blame(f"{self.repo}@{self.commit}"):
            paths = data_paths(files, path)
            self._refuse(files, paths, path)
            found = [await self._survey(each) for each in paths]
            return surveys.join(found)

    def _refuse(
        self, files: dict[str, Version], paths: Sequence[str], path: str
    ) -> None:
        if not paths:
            raise NoDatasetError(f"there is no .npz file at {path}")
        if len(paths) > self.limits.files:
            most = self.limits.files
            raise NoDatasetError(f"{path} has {len(paths)} files, {most} are compared")
        most = self.limits.file_bytes
        for each in paths:
            if files[each].size > most:
                size = files[each].size
                raise NoDatasetError(
                    f"{each} has {size} bytes, files of up to {most} are compared"
                )

    async def _survey(self, path: str) -> Survey:
        file = _Bounded(self.limits.file_bytes)
        pieces = self.client.chunks(self.repo, self.commit, path)
        async with aclosing(pieces) as chunks:
            async for chunk in chunks:
                file.write(chunk)
        return await self.offload(self._count, path, file)

    def _count(self, path: str, file: io.BytesIO) -> Survey:
        with blame(path):
            self._measure(file)
        return surveys.survey(path, file, lambda: _Bounded(self.limits.file_bytes))

    def _measure(self, file: io.BytesIO) -> None:
        """Before any value is read, by what the headers say."""
        headers = open_archive(file).headers
        self.arrays += sum(each.bytes for each in headers.values())
        shapes = (each.shape for name, each in headers.items() if name.startswith("x_"))
        self.images += sum(shape[0] for shape in shapes if shape)
        limits = self.limits
        if self.arrays > limits.array_bytes:
            raise NoDatasetError(
                f"with it there are {self.arrays} bytes of arrays,"
                f" {limits.array_bytes} are compared"
            )
        if self.images > limits.images:
            raise NoDatasetError(
                f"with it there are {self.images} images, {limits.images} are compared"
            )


class _Bounded(io.BytesIO):
    """A file in memory that does not grow beyond a limit."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def write(self, content: Any, /) -> int:
        if self.tell() + len(content) > self._most:
            raise NoDatasetError(
                f"more than {self._most} bytes would have to be kept: save arrays in"
                " C's order"
            )
        return super().write(content)

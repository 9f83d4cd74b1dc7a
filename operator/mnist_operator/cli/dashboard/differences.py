"""What changed in the data between two commits: compared when somebody asks.

That can take long and much of a core, so one comparison is made at a time, beside
the loop, and it is finished also when nobody waits for it any more.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mnist_operator.cli.dashboard.keeping import Kept
from mnist_operator.cli.dashboard.words import short
from mnist_operator.cli.data.places import State
from mnist_operator.cli.data.reports import build_report
from mnist_operator.cli.failures import NoAnswerError, NotThereError
from mnist_operator.commits import Commit, CommitState, Repo
from mnist_operator.data_changes import Shelf, examine, pick_images
from mnist_operator.data_sources import Source, open_commit
from mnist_operator.datasets import svg
from mnist_operator.datasets.groups import Side, choose
from mnist_operator.datasets.layout import lay_out
from mnist_operator.pachyderm import Pachyderm

__all__ = ["Difference", "Differences"]

_KEPT = 16
_WAIT_SECONDS = 8.0
_SHOWN = 12
"""Samples of each kind."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An answer of `mnistctl diff`, and pictures of it."""

    report: Mapping[str, Any]
    picture: str = ""
    """SVG; empty where there is nothing to be seen."""
    narrow: str = ""
    """The same for a telephone."""


class Differences:
    """Compares, and keeps what was found."""

    def __init__(self) -> None:
        self._kept: Kept[Difference] = Kept(_KEPT)
        self._turn = asyncio.Semaphore(1)

    async def close(self) -> None:
        """End the comparison that is made."""
        await self._kept.close()

    async def find(
        self, pachd: Pachyderm, repo: Repo, before: str, after: str, path: str
    ) -> Difference | None:
        """What changed; None while it is being found out: ask again.

        Raises:
            NoAnswerError: It cannot be found out; the message says why.
            UpstreamError: Pachyderm did not give what it has.
        """
        key = (pachd.connection, repo, before, after, path)

        async def compare() -> Difference:
            async with self._turn:
                return await _compare(pachd, repo, before, after, path)

        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                return await self._kept.get(key, compare)
        except TimeoutError:
            return None


async def _compare(
    pachd: Pachyderm, repo: Repo, before: str, after: str, path: str
) -> Difference:
    old, new = [await _open(pachd, repo, each) for each in (before, after)]
    try:
        with Shelf() as shelf:
            change = await examine(old.source, new.source, path, shelf)
            report = build_report(old, new, change, path=path, limit=0)
            if change.comparison is None:
                return Difference(report)
            some = choose(change.comparison, _SHOWN)
            sources: dict[Side, Source] = {
                "before": old.source,
                "after": new.source,
            }
            images = await pick_images(sources, change.comparison, some, shelf)
    except OSError as error:
        raise NoAnswerError(
            f"a copy of the data: {error.strerror}; whoever runs this page must"
            " give it a folder with room for the data in TMPDIR"
        ) from error
    if not some:
        return Difference(report)
    parts = f"{short(before)} → {short(after)}", change.comparison, some, images
    sheets = lay_out(*parts), lay_out(*parts, narrow=True)
    return Difference(report, *map(svg.render, sheets))


async def _open(pachd: Pachyderm, repo: Repo, commit: str) -> State:
    found: Commit | None = await pachd.commit(repo, commit)
    if found is None:
        raise NotThereError(
            f"{repo}@{commit} is not there any more: it was squashed or dropped"
        )
    if found.state is not CommitState.FINISHED:
        raise NoAnswerError(f"{found} is not finished well: there is no such data")
    return State(commit, await open_commit(pachd, found), found)

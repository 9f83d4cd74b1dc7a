"""The question what is in commits that are not the operator's."""

import asyncio
from collections.abc import Iterable
from itertools import islice

from mnist_operator.cli.verify.strangers import SHOWN, Contents, is_foreign
from mnist_operator.commits import Commit
from mnist_operator.errors import NotFoundError, RefusedError, TooLargeError
from mnist_operator.pachyderm import Pachyderm

__all__ = ["read_strangers"]

_LISTED = 10_000
"""Files of one of them, at most."""


async def read_strangers(
    client: Pachyderm, commits: Iterable[Commit]
) -> dict[str, Contents]:
    """What the newest of them have that are not the operator's, by their IDs.

    What cannot be listed is left out.
    """
    some = [*islice(filter(is_foreign, commits), SHOWN)]
    contents = await asyncio.gather(*(_read(client, each) for each in some))
    pairs = zip(some, contents, strict=True)
    return {commit.id: found for commit, found in pairs if found is not None}


async def _read(client: Pachyderm, commit: Commit) -> Contents | None:
    try:
        files = await client.files(commit.repo, commit.id, limit=_LISTED)
        if commit.parent is None:
            return Contents(files)
        inherited = await client.files(commit.repo, commit.parent, limit=_LISTED)
    except (NotFoundError, RefusedError, TooLargeError):
        return None
    return Contents(files, inherited)

"""One commit, by its ID or the beginning of it: Pachyderm finds only whole ones."""

import asyncio
from contextlib import aclosing

from mnist_operator.cli.absences import explain_unknown
from mnist_operator.cli.failures import NotThereError
from mnist_operator.cli.index import Index
from mnist_operator.cli.indexes import read_index
from mnist_operator.cli.references import Reference, is_whole
from mnist_operator.commits import Commit
from mnist_operator.pachyderm import Pachyderm

__all__ = ["find_one"]

_CERTAIN_DIGITS = 12
"""So many are not shared by two commits: the search may end at the first."""
_CANDIDATES_SHOWN = 10
_NEAR, _FAR = 5, 50
"""Commits in a page: one that no ledger has yet is at the head or close to it."""


async def find_one(
    client: Pachyderm, reference: Reference
) -> tuple[Commit, tuple[str, ...]]:
    """The commit that a reference names, and what is to be said of the search.

    Raises:
        NotThereError: There is none, or there are several.
    """
    wanted = reference.commit or ""
    notes: tuple[str, ...] = ()
    if is_whole(wanted):
        commit = await client.commit(reference.repo, wanted)
        found = [commit] if commit else []
    else:
        found, notes = await _beginning_with(client, reference, wanted)
    if not found:
        raise NotThereError(await explain_unknown(client, reference))
    if len(found) > 1:
        raise NotThereError(_explain_several(found, wanted, reference))
    return found[0], notes


def _explain_several(found: list[Commit], wanted: str, reference: Reference) -> str:
    shown = ", ".join(each.id for each in found[:_CANDIDATES_SHOWN])
    more = ", …" if len(found) > _CANDIDATES_SHOWN else ""
    return (
        f"{wanted} is the beginning of {len(found)} commits on {reference.walk}:"
        f" give more digits ({shown}{more})"
    )


async def _beginning_with(
    client: Pachyderm, reference: Reference, prefix: str
) -> tuple[list[Commit], tuple[str, ...]]:
    """Those that the ledgers know, and those that no ledger has yet.

    Where the ledgers know none, the whole branch is walked, at 10 ms a commit.
    """
    index = await read_index(client, reference.runs)
    known = await _known(client, reference, index, prefix)
    if known and len(prefix) >= _CERTAIN_DIGITS:
        return known, ()
    found = {each.id: each for each in known}
    decided = index.outputs | index.inputs
    page, walked = (_NEAR if known else _FAR), 0
    walk = client.history(reference.repo, reference.walk, page=page)
    async with aclosing(walk) as history:
        async for commit in history:
            if known and (commit.id in decided or walked == _FAR):
                break
            walked += 1
            if commit.id.startswith(prefix):
                found[commit.id] = commit
                if len(prefix) >= _CERTAIN_DIGITS:
                    break
    return list(found.values()), _told(reference, index, walked if not known else 0)


async def _known(
    client: Pachyderm, reference: Reference, index: Index, prefix: str
) -> list[Commit]:
    """Those that a ledger names and the repo has: a ledger alone proves nothing."""
    named = [*index.outputs_like(prefix), *index.inputs_like(prefix)]
    asked = named[: _CANDIDATES_SHOWN + 1]
    found = await asyncio.gather(*(client.commit(reference.repo, id_) for id_ in asked))
    return [commit for commit in found if commit is not None]


def _told(reference: Reference, index: Index, walked: int) -> tuple[str, ...]:
    if walked <= _NEAR:
        return ()
    ledgers = ", ".join(map(str, index.ledgers)) or "there is none to read"
    told = (
        f"no ledger knows {reference.commit} ({ledgers}):"
        f" {walked} commits of {reference.walk} were looked at"
    )
    return (told,)

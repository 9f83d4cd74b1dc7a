"""Where to look for what came of a commit: ledgers, and the branches beside them.

A ledger is an index, and one that can be lost, or late. So the newest commits of the
output branch are looked at until one that a ledger knows; all of them where there is
no ledger, or when that is asked. With native provenance, pachd itself names the
branches whose commits came of the input repo.
"""

from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace

from mnist_operator.cli.index import Index, Row
from mnist_operator.cli.indexes import read_index
from mnist_operator.cli.models import published
from mnist_operator.commits import Branch, Commit, Repo
from mnist_operator.lineage import publication_of
from mnist_operator.pachyderm import Pachyderm

__all__ = ["Searched", "search_index"]

_PAGE = 50
_NEAR = 5
_STAGED = "_staged"
_LEDGER = "_ledger"


@dataclass(frozen=True, slots=True)
class Searched:
    """All that is known of where models are."""

    index: Index
    walked: tuple[Commit, ...] = ()
    notes: tuple[str, ...] = ()


async def search_index(
    client: Pachyderm, root: Commit, output: Branch, index: Index, *, walk: bool
) -> Searched:
    """The ledgers that were asked for, and whatever they may miss."""
    staged = await _staged(client, root.repo)
    others = [_runs(each) for each in staged if _runs(each) not in _repos(index)]
    if others:
        more = await read_index(client, dict.fromkeys(others))
        index = index.joined(more)
    stems = {_stem(each, _LEDGER) for each in index.ledgers}
    whole = [each for each in staged if walk or _stem(each, _STAGED) not in stems]
    if walk or not index.ledgers:
        whole.insert(0, output)
    walked: dict[str, Commit] = {}
    notes = []
    for branch in dict.fromkeys(whole):
        found = await _walk(client, branch, frozenset())
        walked |= {each.id: each for each in found}
        if not walk:
            notes.append(
                f"no ledger knows {branch}: all of its {len(found)} commits were"
                " looked at"
            )
    if output not in whole:
        found = await _walk(client, output, index.outputs)
        walked |= {each.id: each for each in found}
    rows = _rows(output, walked.values(), index)
    return Searched(index.extended(rows), tuple(walked.values()), tuple(notes))


async def _staged(client: Pachyderm, repo: Repo) -> list[Branch]:
    """The branches that pachd makes commits on because of commits of this repo."""
    found = [
        branch
        for seen in await client.branches(repo)
        for branch in seen.subvenance
        if branch.name.endswith(_STAGED)
    ]
    return list(dict.fromkeys(found))


def _runs(branch: Branch) -> Repo:
    return Repo(branch.repo.project, f"{branch.repo.name}_runs")


def _repos(index: Index) -> set[Repo]:
    return {ledger.repo for ledger in index.ledgers}


def _stem(branch: Branch, suffix: str) -> str:
    return branch.name.removesuffix(suffix)


async def _walk(
    client: Pachyderm, branch: Branch, known: frozenset[str]
) -> list[Commit]:
    """The commits of a branch, newest first, above the first one that is known.

    A branch that no known model is on is looked at no further than a page.
    """
    found: list[Commit] = []
    walk = client.history(branch.repo, branch, page=_NEAR if known else _PAGE)
    async with aclosing(walk) as history:
        async for commit in history:
            if commit.id in known or (known and len(found) == _PAGE):
                break
            found.append(commit)
    return found


def _rows(branch: Branch, commits: Iterable[Commit], index: Index) -> list[Row]:
    """What the models among some commits say themselves, and what pachd says of them.

    Whoever forged a description did not write pachd's provenance.
    """
    known = {(row.entry.output, row.entry.commit) for row in index.models}
    rows = []
    for commit in commits:
        model = published(commit)
        if model is None:
            continue
        inputs = dict.fromkeys((model.input_commit, *(c for _, c in commit.provenance)))
        rows += [
            Row(branch, replace(publication_of(commit, model), commit=each))
            for each in inputs
            if (commit.id, each) not in known
        ]
    return rows

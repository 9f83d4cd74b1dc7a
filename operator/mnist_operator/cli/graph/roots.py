"""Which commit is meant where models and input commits can be: the index tells.

In the output repo, and wherever a branch has models, a reference means a model; in
every other repo it means a commit with data. An ID that names no repo can be either.
"""

import asyncio
from contextlib import aclosing
from datetime import datetime

from mnist_operator import runs
from mnist_operator.cli.failures import NotThereError
from mnist_operator.cli.finding import find_commit, find_model
from mnist_operator.cli.index import Index, Row
from mnist_operator.cli.models import published
from mnist_operator.cli.references import Reference
from mnist_operator.cli.statements import dig_text, read_object
from mnist_operator.commits import Branch, Commit, Repo
from mnist_operator.pachyderm import Pachyderm

__all__ = ["find_root"]

_NEAR = 5
_SHOWN = 10


async def find_root(
    client: Pachyderm,
    reference: Reference,
    output: Branch,
    index: Index,
    *,
    at: datetime | None = None,
) -> Commit:
    """A model, or a commit with data.

    Raises:
        NotThereError: There is none, or there are several.
    """
    if reference.commit is not None and reference.repo == output.repo:
        found = await _by_index(client, reference, index)
        if len(found) > 1:
            shown = ", ".join(map(str, found[:_SHOWN]))
            more = ", …" if len(found) > _SHOWN else ""
            raise NotThereError(
                f"{reference.commit} is the beginning of {len(found)} commits:"
                f" give more digits ({shown}{more})"
            )
        if found and not reference.back:
            return found[0]
        if found and published(found[0]) is None:
            raise NotThereError(
                f"^ counts from a commit of {found[0].repo}: write {found[0]}^"
            )
    models = reference.job is not None or reference.repo == output.repo
    if models or await _has_models(client, reference):
        return (await find_model(client, reference, at=at)).commit
    return await find_commit(client, reference, at=at)


async def _has_models(client: Pachyderm, reference: Reference) -> bool:
    """Whether a branch outside the output repo is one of models, too."""
    if reference.branch is None:
        return False
    branch = Branch(reference.repo, reference.branch)
    async with aclosing(client.history(branch.repo, branch, page=_NEAR)) as walk:
        seen = 0
        async for commit in walk:
            if published(commit) is not None:
                return True
            seen += 1
            if seen == _NEAR:
                break
    return False


async def _by_index(
    client: Pachyderm, reference: Reference, index: Index
) -> list[Commit]:
    """All that the ledgers know under this name, and that is there."""
    prefix = reference.commit or ""
    if reference.branch is not None and await client.branch_exists(
        Branch(reference.repo, reference.branch)
    ):
        return []
    enough = _SHOWN + 1
    like = index.outputs_like(prefix)[:enough]
    outputs = [(reference.repo, each) for each in like]
    rows = {row.entry.commit: row for row in (*index.rows, *index.models)}
    inputs = [(rows[each], each) for each in index.inputs_like(prefix)[:enough]]
    repos = await asyncio.gather(
        *(_input_repo(client, row, reference.repo, index) for row, _ in inputs)
    )
    named = [
        *outputs,
        *(
            (repo, each)
            for repo, (_, each) in zip(repos, inputs, strict=True)
            if repo is not None
        ),
    ]
    found = await asyncio.gather(*(client.commit(*each) for each in named))
    return [commit for commit in found if commit is not None]


async def _input_repo(
    client: Pachyderm, row: Row, output: Repo, index: Index
) -> Repo | None:
    """The repo of the input commit in a line: ledger, model or run say which."""
    source = index.sources.get(row.ledger)
    if source is None and row.entry.output:
        commit = await client.commit(output, row.entry.output)
        model = published(commit) if commit is not None else None
        source = model.input_repo if model is not None else None
    if source is None and row.entry.run:
        source = await _asked_repo(client, row)
    if source is None:
        return None
    project, _, name = source.partition("@")[0].rpartition("/")
    return Repo(project or "default", name)


async def _asked_repo(client: Pachyderm, row: Row) -> str | None:
    """The repo that a run was told to read from."""
    if await client.commit(row.runs, row.entry.run) is None:
        return None
    content = await client.read(row.runs, row.entry.run, runs.ATTEMPT_FILE)
    place = (read_object(content or b"") or {}).get("input")
    project, repo = dig_text(place, "project"), dig_text(place, "repo")
    return f"{project}/{repo}" if project and repo else None

"""Finding the run whose log is meant, in Pachyderm."""

from collections.abc import Sequence
from contextlib import aclosing

from mnist_operator.cli import lookup
from mnist_operator.cli.failures import NotThereError
from mnist_operator.cli.indexes import read_index
from mnist_operator.cli.logs.runs import Run, Wanted, read_staging
from mnist_operator.commits import Commit, Repo
from mnist_operator.errors import NotFoundError
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.places import run_repo
from mnist_operator.resource import MnistTraining

__all__ = ["find_run"]

_ID_DIGITS = 32
_CERTAIN_DIGITS = 12
"""So many are not shared by two commits: the walk may end at the first."""
_SHOWN = 10
_WALKED = 100
"""So far back the attempts on one input commit are looked for."""


async def find_run(
    client: Pachyderm, training: MnistTraining, wanted: Wanted, attempt: int | None
) -> Run | None:
    """The run that is meant; of a MnistTraining, the newest one.

    Args:
        client: whom to ask.
        training: where its runs are.
        wanted: what was asked for.
        attempt: the number of an attempt on the newest run's input commit.

    Raises:
        NotThereError: Several are meant, or the newest one had no such attempt.

    """
    repo = run_repo(training)
    if wanted.job or not wanted.training:
        found = await _by_id(client, repo, wanted.run)
        if found is not None or not wanted.training:
            return found
    newest = await _newest(client, training, attempt)
    if newest is not None or wanted.job or not wanted.run:
        return newest
    return await _by_id(client, repo, wanted.run)


async def _newest(
    client: Pachyderm, training: MnistTraining, number: int | None
) -> Run | None:
    limit = 1 if number is None else _WALKED
    walked = await lookup.newest_attempts(client, training, limit=limit)
    if not walked.attempts:
        return None
    newest = walked.attempts[0]
    if number is not None:
        same = [each for each in walked.attempts if each.turn == newest.turn]
        numbered = [each for each in same if each.number == number]
        if not numbered:
            there = ", ".join(str(each.number) for each in reversed(same))
            raise NotThereError(
                f"input commit {newest.commit}, the newest of {training.key}, has no"
                f" attempt {number}: there are {there}"
            )
        newest = numbered[0]
    commit = await client.commit(run_repo(training), newest.staging)
    return read_staging(commit) if commit else None


async def _by_id(client: Pachyderm, repo: Repo, prefix: str) -> Run | None:
    """The run whose staging commit's ID begins so.

    Most are in a ledger. Attempts that were followed by others are not, and are
    looked for among all commits, at 10 ms each.
    """
    names = [prefix] if len(prefix) == _ID_DIGITS else []
    if _CERTAIN_DIGITS <= len(prefix) < _ID_DIGITS:
        rows = (await read_index(client, [repo])).rows
        runs = (row.entry.run for row in rows)
        names += [run for run in runs if run.startswith(prefix)][:1]
    for name in names:
        commit = await client.commit(repo, name)
        if commit is not None or name == prefix:
            return read_staging(commit) if commit else None
    found: list[Run] = []
    try:
        async with aclosing(client.commits(repo)) as walk:
            async for commit in walk:
                run = _read(commit, prefix)
                if run is not None:
                    found.append(run)
                if found and len(prefix) >= _CERTAIN_DIGITS:
                    break
    except NotFoundError:  # There is no such repo.
        return None
    return _only(found, repo, prefix)


def _read(commit: Commit, prefix: str) -> Run | None:
    return read_staging(commit) if commit.id.startswith(prefix) else None


def _only(found: Sequence[Run], repo: Repo, prefix: str) -> Run | None:
    if len(found) > 1:
        shown = ", ".join(each.staging for each in found[:_SHOWN])
        more = ", …" if len(found) > _SHOWN else ""
        raise NotThereError(
            f"{prefix} is the beginning of {len(found)} runs in {repo}: give more"
            f" digits ({shown}{more})"
        )
    return found[0] if found else None

"""The questions that an explanation asks: what waits, what was tried, what is where."""

from collections.abc import Mapping
from contextlib import aclosing, suppress
from dataclasses import replace

from mnist_operator import places
from mnist_operator.cli.explain.explaining import Queue
from mnist_operator.cli.failures import NotThereError
from mnist_operator.cli.finding import find_commit
from mnist_operator.cli.models import published
from mnist_operator.cli.references import Reference
from mnist_operator.commits import Branch, Commit
from mnist_operator.errors import DeniedError
from mnist_operator.ledger import Bound, Ledger
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt, read_attempt

__all__ = ["attempts_on", "find_input", "is_on", "read_queue"]

_PAGE = 50
_SHOWN = 10


async def read_queue(
    client: Pachyderm, training: MnistTraining, branch: Branch, ledger: Ledger
) -> Queue:
    """What is not decided: from the head down to the newest decided commit.

    Where the input repo cannot be read, that is a note: what was decided is known
    all the same.
    """
    attempts = await _slot_heads(client, training)
    try:
        commits = await _undecided(client, branch, ledger)
    except DeniedError as error:
        note = f"{branch} cannot be read, so nothing is known of waiting commits"
        return Queue(branch, attempts=attempts, notes=(f"{note} ({error.detail})",))
    notes: tuple[str, ...] = ()
    if not await client.branch_exists(branch):
        notes = (f"there is no {branch} any more",)
    return Queue(branch, commits, attempts, notes)


async def _undecided(client: Pachyderm, branch: Branch, ledger: Ledger) -> list[Commit]:
    """Oldest first."""
    found: list[Commit] = []
    is_head = True
    async with aclosing(client.history(branch.repo, branch, page=_PAGE)) as walk:
        async for commit in walk:
            bound = ledger.bound(commit, is_head=is_head)
            is_head = False
            if bound in {Bound.TAKE, Bound.TAKE_AND_STOP}:
                found.append(commit)
            if bound in {Bound.STOP, Bound.TAKE_AND_STOP}:
                break
    return found[::-1]


async def _slot_heads(client: Pachyderm, training: MnistTraining) -> list[Attempt]:
    """The newest attempt of every slot."""
    found: list[Attempt] = []
    slot = 0
    while True:
        head = await client.head(places.slot_branch(training, slot))
        if head is None:
            return found
        attempt = read_attempt(head)
        if attempt is not None:
            found.append(replace(attempt, slot=slot))
        slot += 1


async def attempts_on(
    client: Pachyderm, training: MnistTraining, commit: str, found: Commit | None
) -> list[Attempt]:
    """Every attempt on an input commit, oldest first.

    The slots are walked from the newest attempt down to the time of the commit, at
    about 10 ms an attempt.
    """
    attempts: list[Attempt] = []
    slot = 0
    while await client.branch_exists(branch := places.slot_branch(training, slot)):
        async with aclosing(client.history(branch.repo, branch, page=_PAGE)) as walk:
            async for staging in walk:
                if found is not None and staging.started < found.started:
                    break
                attempt = read_attempt(staging)
                if attempt is not None and attempt.commit == commit:
                    attempts.append(replace(attempt, slot=slot))
        slot += 1
    return sorted(attempts, key=lambda each: each.opened)


async def find_input(
    client: Pachyderm,
    training: MnistTraining,
    reference: Reference,
    queue: Queue,
    known: Mapping[str, str],
) -> tuple[str, Commit | None]:
    """The input commit that is meant; without itself where it is gone.

    Known are the commits that the ledger names, and of each model what it learned
    from: a model of this training stands for that.

    Raises:
        NotThereError: There is none, or there are several.
    """
    repo = queue.branch.repo
    try:
        commit = await find_commit(client, reference)
    except (NotThereError, DeniedError) as error:
        id_ = _find_known(reference, known, error)
        with suppress(DeniedError):
            return id_, await client.commit(repo, id_)
        return id_, None
    model = published(commit)
    if model is not None and model.training == training.key:
        return model.input_commit, await client.commit(repo, model.input_commit)
    if commit.repo != repo:
        raise NotThereError(
            f"{commit} is neither a commit of {repo}, which {training.key} follows,"
            " nor a model of it"
        )
    return commit.id, commit


def _find_known(
    reference: Reference,
    known: Mapping[str, str],
    error: NotThereError | DeniedError,
) -> str:
    """A commit that the repo has no more, and the ledger knows all the same."""
    prefix = reference.commit or ""
    named = [each for each in known if prefix and each.startswith(prefix)]
    if not named:
        raise error
    if len({known[each] for each in named}) == 1:
        return known[named[0]]
    shown = ", ".join(named[:_SHOWN])
    raise NotThereError(
        f"{prefix} is the beginning of {len(named)} commits: give more digits ({shown})"
    ) from error


async def is_on(client: Pachyderm, branch: Branch, commit: Commit) -> bool:
    """Whether a branch leads to a commit.

    What is below is older, so the walk ends where it cannot come any more.
    """
    async with aclosing(client.history(branch.repo, branch, page=_PAGE)) as walk:
        async for each in walk:
            if each.id == commit.id:
                return True
            if each.started < commit.started:
                break
    return False

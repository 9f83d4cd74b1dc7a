"""The questions that a rebuild asks: every model, every attempt, where it began."""

from contextlib import aclosing
from dataclasses import replace

from mnist_operator import places
from mnist_operator.cli.ledger.rebuild import Truth
from mnist_operator.cli.models import published
from mnist_operator.commits import Branch, Commit, Repo
from mnist_operator.decisions import Start
from mnist_operator.errors import DeniedError
from mnist_operator.ledger import Ledger
from mnist_operator.lineage import Model
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt, read_attempt

__all__ = ["all_attempts", "all_commits", "guess_start"]


async def all_commits(client: Pachyderm, branch: Branch) -> list[Commit]:
    """The whole branch, newest first, at about 10 ms a commit."""
    async with aclosing(client.history(branch.repo, branch)) as walk:
        return [commit async for commit in walk]


async def all_attempts(client: Pachyderm, training: MnistTraining) -> list[Attempt]:
    """Every attempt of every slot, at about 10 ms each."""
    found: list[Attempt] = []
    slot = 0
    while await client.branch_exists(branch := places.slot_branch(training, slot)):
        for commit in await all_commits(client, branch):
            attempt = read_attempt(commit)
            if attempt is not None and attempt.training == training.key:
                found.append(replace(attempt, slot=slot))
        slot += 1
    return found


async def guess_start(
    client: Pachyderm, truth: Truth, content: bytes, asked: str
) -> Start | None:
    """Where following began, where no line says it: at the oldest commit of a run.

    None where a line does, or where nothing was run. The operator takes it for its
    own if it names what spec.trigger.startFrom says, and the branch that is followed.
    """
    ledger = Ledger.parse(content)
    if ledger.start is not None:
        return None
    models = [
        model
        for commit in truth.commits
        if (model := published(commit)) is not None and model.training == truth.training
    ]
    if not models and not truth.attempts:
        return None
    source = _source(models)
    if asked == "Earliest":
        return Start(asked, source=source)
    own = asked not in {"Latest", "Next"}
    first = asked if own else _oldest(truth, models)
    commit = await _input(client, models, first)
    after = commit.started if commit is not None else None
    return Start(asked, first, inclusive=True, after=after, source=source)


def _source(models: list[Model]) -> str:
    """The branch that was followed last; empty, which fits any, where none is known."""
    newest = models[0] if models else None
    return f"{newest.input_repo}@{newest.input_branch}" if newest else ""


def _oldest(truth: Truth, models: list[Model]) -> str:
    """The oldest commit that was tried in its turn, as far as that is known."""
    attempts = [each for each in truth.attempts if not each.request]
    if attempts:
        return min(attempts, key=lambda each: each.opened).commit
    turns = [each.input_commit for each in models if not each.request]
    return turns[-1] if turns else ""


async def _input(client: Pachyderm, models: list[Model], commit: str) -> Commit | None:
    if not models or not commit:
        return None
    project, _, name = models[0].input_repo.partition("/")
    try:
        return await client.commit(Repo(project, name), commit)
    except DeniedError:
        return None

"""What the output branch says that the ledger does not: models, and stray commits."""

from contextlib import aclosing

from mnist_operator import places
from mnist_operator.commits import Commit, CommitState
from mnist_operator.decisions import Entry
from mnist_operator.ledger import Ledger
from mnist_operator.lineage import model_of, publication_of, read_model
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.readings import Memory
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt, Verdict

__all__ = ["find_orphan", "read_unrecorded"]


async def find_orphan(
    client: Pachyderm,
    training: MnistTraining,
    output: Commit | None,
    attempts: tuple[Attempt, ...],
    ledger: Ledger,
) -> str:
    """An open commit in the output repo that is ours, for a run that is decided.

    A call of an operator that is dead may still have opened it: on the output branch
    itself, or with Native provenance on staged, where nothing names its run.
    """
    if output is not None and output.state is CommitState.OPEN:
        model = model_of(output, training.key)
        if model is not None and model.run in ledger.runs:
            return output.id
    branch = places.staged_branch(training)
    staged = await client.branch_head_id(branch)
    if staged is None or (output is not None and _is_at_rest(output, staged)):
        return ""
    commit = await client.commit(branch.repo, staged)
    if commit is None or commit.state is not CommitState.OPEN or not commit.provenance:
        return ""
    waiting = attempts if training.spec.output.is_native else ()
    wanted = {each.commit for each in waiting if _waits(each, ledger)}
    return "" if any(made in wanted for _, made in commit.provenance) else commit.id


def _is_at_rest(output: Commit, staged: str) -> bool:
    """Whether the output branch shows what is on staged, and that is finished."""
    is_auto = output.state is CommitState.OPEN and bool(output.provenance)
    return staged == output.id and not is_auto


def _waits(attempt: Attempt, ledger: Ledger) -> bool:
    """Whether its model is still to be published."""
    end = attempt.outcome
    succeeded = end is not None and end.verdict is Verdict.SUCCEEDED
    return succeeded and attempt.staging not in ledger.runs


async def read_unrecorded(
    client: Pachyderm,
    training: MnistTraining,
    memory: Memory,
    head: Commit | None,
    ledger: Ledger,
) -> tuple[Entry, ...]:
    """Models of ours above the last one that the ledger knows, oldest first."""
    until = ledger.published.output if ledger.published else memory.output_head
    if head is None or head.id == until:
        memory.unexplained = 0
        return ()
    if head.id == memory.output_head:
        return ()
    found: list[Entry] = []
    unexplained = 0 if ledger.published else memory.unexplained
    history = client.history(head.repo, head.id, until=until or None)
    async with aclosing(history):
        async for commit in history:
            model = model_of(commit, training.key)
            if model is None:
                unexplained += commit.id != until and _is_unexplained(commit)
                continue
            if model.run in ledger.runs:
                break
            if commit.state is CommitState.FINISHED:
                found.append(publication_of(commit, model))
    if head.state in {CommitState.FINISHED, CommitState.ERRORED} and not found:
        memory.output_head = head.id
    memory.unexplained = unexplained
    return tuple(reversed(found))


def _is_unexplained(commit: Commit) -> bool:
    """Whether nothing says where it comes from: it has no record of any training's."""
    return commit.state is CommitState.FINISHED and read_model(commit) is None

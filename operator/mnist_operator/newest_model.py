"""Find the model that a warm start begins from, on the output branch itself.

The ledger would know the newest that was ever published. The branch knows which one
counts today: whoever moves it back to an older model trains on from there.
"""

from contextlib import aclosing

from mnist_operator import places
from mnist_operator.commits import Commit, CommitState
from mnist_operator.lineage import model_of
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.readings import Memory
from mnist_operator.resource import MnistTraining

__all__ = ["find_newest_model"]

_PAGE = 10
"""Of commits below a head that is no model: mostly the first of them is one."""
_ENDS = frozenset({CommitState.FINISHED, CommitState.ERRORED})


async def find_newest_model(
    client: Pachyderm, training: MnistTraining, memory: Memory, head: Commit | None
) -> str:
    """The newest finished model of this training; empty when a run begins anew.

    That is so without warmStart, before the first model, and where the newest one
    has no file at spec.output.path: it was published for another path.
    """
    if head is None or not training.spec.trainer.warm_start:
        return ""
    known, found = memory.newest_model
    if known == head.id:
        return found
    found = await _search(client, training, head)
    if head.state in _ENDS:
        memory.newest_model = head.id, found
    return found


async def _search(client: Pachyderm, training: MnistTraining, head: Commit) -> str:
    if _is_model(head, training):
        return await _with_file(client, training, head)
    history = client.history(head.repo, head.id, page=_PAGE)
    async with aclosing(history):
        async for commit in history:
            if _is_model(commit, training):
                return await _with_file(client, training, commit)
    return ""


def _is_model(commit: Commit, training: MnistTraining) -> bool:
    finished = commit.state is CommitState.FINISHED
    return finished and model_of(commit, training.key) is not None


async def _with_file(client: Pachyderm, training: MnistTraining, commit: Commit) -> str:
    """The commit's ID, if the model is where the spec has it."""
    repo = places.output_branch(training).repo
    wanted = f"/{training.spec.output.path}"
    files = await client.files(repo, commit.id)
    return commit.id if any(each.path == wanted for each in files) else ""

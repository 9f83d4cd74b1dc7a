"""Moves the production branch, in one step."""

from mnist_operator import places
from mnist_operator.decisions import Entry
from mnist_operator.errors import ConflictError
from mnist_operator.ledger_readings import read_ledger
from mnist_operator.outlet import move_to_head
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.promoting import find_overtaken
from mnist_operator.readings import Memory
from mnist_operator.resource import MnistTraining

__all__ = ["promote"]

_TRIES = 2
"""Only a call that comes very late changes what is moved to, and only once."""


async def promote(
    client: Pachyderm, training: MnistTraining, memory: Memory, entry: Entry
) -> bool:
    """Put a model into production; False where another decision counts by now.

    pachd knows no compare-and-swap, so what is there is looked at just before; and
    just after whether another operator, too, has decided meanwhile: that counts.

    Raises:
        UpstreamError: A call failed, and may have taken effect.
    """
    branch = places.production_branch(training)
    overtaken = find_overtaken(entry, await read_ledger(client, training, memory))
    shown = await client.branch_head_id(branch) or ""
    if overtaken or shown != entry.previous:
        return False
    await _move(client, training, entry.output)
    overtaken = find_overtaken(entry, await read_ledger(client, training, memory))
    if overtaken:
        await _move(client, training, overtaken)
    return not overtaken


async def _move(client: Pachyderm, training: MnistTraining, model: str) -> None:
    """Move it by way of a branch of our own, which names the model.

    So a call that comes late, when somebody has rolled back, changes nothing.
    """
    branch = places.production_branch(training)
    promoted = places.promoted_branch(training)
    for _ in range(_TRIES):
        await client.create_branch(promoted, model)
        await move_to_head(client, branch, promoted, model)
        if await client.branch_head_id(branch) == model:
            return
    detail = f"{branch} moved while it was moved to {model}; once more"
    raise ConflictError("pachd", "CreateBranch", detail)

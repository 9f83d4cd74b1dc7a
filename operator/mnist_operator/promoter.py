"""Moves the production branch, in one step."""

from mnist_operator import places
from mnist_operator.decisions import Entry
from mnist_operator.ledger_readings import read_ledger
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.promoting import find_overtaken
from mnist_operator.readings import Memory
from mnist_operator.resource import MnistTraining

__all__ = ["promote"]


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
    await client.create_branch(branch, entry.output)
    overtaken = find_overtaken(entry, await read_ledger(client, training, memory))
    if overtaken:
        await client.create_branch(branch, overtaken)
    return not overtaken

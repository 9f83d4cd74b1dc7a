"""Read the ledger: nothing where it has not changed, and of a long one what is new."""

from mnist_operator import places
from mnist_operator.commits import Repo
from mnist_operator.ledger import LEDGER_FILE, Ledger
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.readings import LedgerFile, Memory
from mnist_operator.resource import MnistTraining

__all__ = ["read_ledger"]

_LEDGER_LIMIT = 256 * 1024 * 1024
_LONG_LEDGER = 256 * 1024
"""From this size on only what was appended is read: about 1,000 decisions."""
_OVERLAP = 4096


async def read_ledger(
    client: Pachyderm, training: MnistTraining, memory: Memory
) -> Ledger:
    """All decisions so far."""
    branch = places.ledger_branch(training)
    head = await client.branch_head_id(branch)
    if head != memory.ledger_head:
        if head is None or not await _read_more(client, branch.repo, head, memory):
            await _read_all(client, branch.repo, head, memory)
        memory.ledger_head = head
    return memory.ledger


async def _read_all(
    client: Pachyderm, repo: Repo, head: str | None, memory: Memory
) -> None:
    content: bytes | None = None
    if head is not None:
        content = await client.read(repo, head, LEDGER_FILE, limit=_LEDGER_LIMIT)
    content = content or b""
    memory.ledger = Ledger.parse(content)
    memory.ledger_file = LedgerFile(len(content), content[-_OVERLAP:], len(content))


async def _read_more(client: Pachyderm, repo: Repo, head: str, memory: Memory) -> bool:
    """Read what was appended, where the file is long; False: read all of it.

    Else each decision of a long backlog would cost as much as all before it. That the
    rest is as it was is told by its end, at the same place; and all is read again
    once the file is twice as long.
    """
    known = memory.ledger_file
    if known.size < _LONG_LEDGER:
        return False
    start = known.size - len(known.end)
    content = await client.read_from(repo, head, LEDGER_FILE, start)
    if content is None or not content.startswith(known.end):
        return False
    size = start + len(content)
    if size > 2 * known.read_whole:
        return False
    memory.ledger = memory.ledger.grown(content[len(known.end) :])
    memory.ledger_file = LedgerFile(size, content[-_OVERLAP:], known.read_whole)
    return True

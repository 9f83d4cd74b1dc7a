"""A ledger is replaced while its operator may be at work: no line of it is lost.

pachd has no compare-and-swap for files. So the head is looked at before, and the
commits between it and the new one afterwards: what stood there is added again. An
operator that looks in between finds a ledger without those lines, and would only
write them once more; of two lines that say the same, one counts.
"""

from contextlib import aclosing
from dataclasses import dataclass

from mnist_operator.cli.failures import NoAnswerError
from mnist_operator.cli.indexes import LEDGER_LIMIT
from mnist_operator.commits import Branch, Commit, CommitState
from mnist_operator.ledger import LEDGER_FILE
from mnist_operator.pachyderm import Pachyderm

__all__ = ["Written", "write_ledger"]


@dataclass(frozen=True, slots=True)
class Written:
    """What was done."""

    commit: str
    again: int
    """Lines that somebody wrote meanwhile, and that were added again."""


async def write_ledger(
    client: Pachyderm, branch: Branch, *, before: str | None, old: bytes, new: bytes
) -> Written:
    """Write it as one commit, after the one that it was read from.

    Raises:
        NoAnswerError: Somebody wrote to it since it was read, or holds it open.
    """
    head = await client.head(branch)
    if (head.id if head else None) != before:
        raise NoAnswerError(
            f"{branch} was written to while it was read; nothing is changed: ask again"
        )
    if head is None:
        await client.append(branch, LEDGER_FILE, new)
        return Written(await client.branch_head_id(branch) or "", again=0)
    if head.state is CommitState.OPEN:
        raise NoAnswerError(
            f"{branch} is held open by commit {head.id}; nothing is changed: finish"
            " that commit, and ask again"
        )
    await client.replace(branch, LEDGER_FILE, new)
    own, last = await _find_own(client, branch, before, new)
    lost = b""
    if last is not None and last.id != before:
        lost = (await _read(client, last)).removeprefix(old)
        await client.append(branch, LEDGER_FILE, lost)
    return Written(own, again=len(lost.splitlines()))


async def _find_own(
    client: Pachyderm, branch: Branch, before: str | None, new: bytes
) -> tuple[str, Commit | None]:
    """The commit that we made, and the one that it came after.

    Raises:
        NoAnswerError: It is not there.
    """
    own = ""
    async with aclosing(client.history(branch.repo, branch)) as walk:
        async for commit in walk:
            if own:
                return own, commit
            if commit.id == before:
                break
            if await _read(client, commit) == new:
                own = commit.id
    if own:
        return own, None
    raise NoAnswerError(
        f"{branch} does not hold what was written: somebody moved the branch at the"
        " same time; ask again"
    )


async def _read(client: Pachyderm, commit: Commit) -> bytes:
    content = await client.read(commit.repo, commit.id, LEDGER_FILE, limit=LEDGER_LIMIT)
    return content or b""

"""Reads the slots: the newest attempt of each, and what that may hide.

An operator that stood still, and looked minutes ago, opens its attempt on whatever is
in the slot by then. So one that succeeded meanwhile, and waits for its model to be
published, may have another one above it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from mnist_operator import lanes, places
from mnist_operator.commits import Commit
from mnist_operator.ledger import Ledger
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.readings import Memory
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt, Verdict, read_attempt

__all__ = ["find_hidden", "read_attempts"]

_DEPTH = 10
"""So many that were given up may lie on top of one that succeeded."""


async def read_attempts(
    client: Pachyderm, training: MnistTraining, memory: Memory
) -> tuple[Attempt, ...]:
    """The newest attempt of every slot.

    Slots have no gaps and are never deleted, so they are counted once in a while.
    """
    count = max(memory.slots, lanes.parallel(training.spec))
    found = list(
        await asyncio.gather(*(_read_slot(client, training, i) for i in range(count)))
    )
    known = memory.slots and not lanes.had_twin(memory.familiar.attempts(found))
    while not known and found[-1] is not None:
        found.append(await _read_slot(client, training, len(found)))
    used = [place for place, head in enumerate(found) if head is not None]
    memory.slots = max(memory.slots, 1, *(place + 1 for place in used))
    return memory.familiar.attempts(found)


async def find_hidden(
    client: Pachyderm,
    training: MnistTraining,
    memory: Memory,
    attempts: Sequence[Attempt],
    ledger: Ledger,
) -> tuple[Attempt, ...]:
    """Below these: the attempts whose models are still to be published."""
    waiting = [each for each in attempts if not lanes.is_told(ledger, each)]
    found = await asyncio.gather(
        *(_find_below(client, training, memory, each) for each in waiting)
    )
    return tuple(e for e in found if e is not None and not lanes.is_told(ledger, e))


async def _find_below(
    client: Pachyderm, training: MnistTraining, memory: Memory, attempt: Attempt
) -> Attempt | None:
    if attempt.staging not in memory.hidden:
        below = memory.familiar.below(attempt)
        found = await _find_kept(client, training, below)
        if found is not None and found.is_open:
            return None  # The look at the one above it was older.
        memory.hidden[attempt.staging] = _with_slot(found, attempt.slot)
    return memory.hidden[attempt.staging]


async def _find_kept(
    client: Pachyderm, training: MnistTraining, below: Commit | str | None
) -> Attempt | None:
    """The newest one that was not given up."""
    repo = places.run_repo(training)
    for _ in range(_DEPTH):
        commit = await client.commit(repo, below) if isinstance(below, str) else below
        found = read_attempt(commit) if commit is not None else None
        if commit is None or found is None or found.outcome is None:
            return found
        if found.outcome.verdict is not Verdict.ABANDONED:
            return found
        below = commit.parent
    return None


def _with_slot(found: Attempt | None, slot: int) -> Attempt | None:
    if found is None or found.outcome is None:
        return None
    is_model = found.outcome.verdict is Verdict.SUCCEEDED
    return replace(found, slot=slot) if is_model else None


async def _read_slot(
    client: Pachyderm, training: MnistTraining, slot: int
) -> Commit | None:
    return await client.head(places.slot_branch(training, slot))

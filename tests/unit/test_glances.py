"""A list of branches that everybody shares, and what becomes of it."""

import asyncio

import pytest

from mnist_operator.commits import Repo
from mnist_operator.pachyderm.presumed import Glances

_REPO = Repo("default", "inputrepo")


class _Slow:
    """pachd, which answers when it is told to."""

    def __init__(self):
        self.asked, self.answering = asyncio.Event(), asyncio.Event()

    async def branch_heads(self, _):
        self.asked.set()
        await self.answering.wait()
        return {}


async def test_a_list_that_was_cancelled_is_made_anew():
    client = _Slow()
    glances = Glances(client)
    asking = asyncio.create_task(glances.branches(_REPO))
    await client.asked.wait()
    # As kopf does at its end, with all that began after it.
    for task in asyncio.all_tasks() - {asyncio.current_task(), asking}:
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    client.answering.set()

    assert {} == await glances.branches(_REPO)

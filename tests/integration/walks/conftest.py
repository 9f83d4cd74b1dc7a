"""A world with an operator that is a process of its own, and whose log is read."""

import pytest

from integration.operators import Process


@pytest.fixture(name="log")
async def _log(world):
    """Where the operator logs, while it runs."""
    async with Process(world) as operator:
        yield operator.log

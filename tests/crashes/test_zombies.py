"""Operators that were thought dead."""

import pytest

from crashes.stage import staged
from crashes.zombies import zombies


@pytest.mark.parametrize("way", ["native", "metadata"])
async def test_an_operator_that_comes_back_from_the_dead_reaches_nothing(
    servers, tmp_path, way
):
    async with staged(servers, tmp_path) as stage:
        await zombies(stage, way)

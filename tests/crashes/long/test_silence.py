"""Networks that fall silent without a word: who waits for an answer finds out itself.

It takes as long as the operator's own deadlines are: half a minute for a call, 70
seconds for kopf's watches.
"""

import pytest

from crashes.cabled import cabled
from crashes.cables import Cut, Healing
from crashes.stage import staged, well


@pytest.mark.parametrize("side", ["pachd", "kube"])
async def test_connections_that_stay_silent_are_given_up(servers, tmp_path, side):
    async with staged(servers, tmp_path) as stage:
        course = await stage.course()
        async with cabled(stage) as (operator, cables):
            await operator.start()
            await course.push_some(2)
            await course.rests()
            await cables[side].cut(Cut.ALL)
            await course.push_some(2)
            await cables[side].heal(Healing.FORGOTTEN)
            await course.rests()
            other = await stage.course("metadata")
            await other.push_some(2)
            await other.rests()
            await well(f"silence towards {side}", [course, other], operator)

"""kill -9 every few commits, and each commit becomes one model all the same."""

from crashes.marathon import marathon
from crashes.stage import staged


async def test_each_commit_becomes_one_model_whatever_is_killed(servers, tmp_path):
    async with staged(servers, tmp_path) as stage:
        await marathon(stage)


async def test_two_operators_that_are_killed_all_the_time(servers, tmp_path):
    async with staged(servers, tmp_path) as stage:
        await marathon(stage, share=0.2, operators=2)

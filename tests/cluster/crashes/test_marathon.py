"""The marathon of tests/crashes, on a real API server and TFJob controller."""

from crashes.marathon import marathon
from crashes.zombies import zombies


async def test_each_commit_becomes_one_model_whatever_is_killed(stage):
    await marathon(stage, share=0.2)


async def test_an_operator_that_comes_back_from_the_dead_reaches_nothing(stage):
    await zombies(stage, "native", share=0.1)

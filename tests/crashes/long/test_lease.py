"""Zombies, where operators take turns by a Lease: who lost it ends at once."""

import asyncio

from crashes.stage import chance, commits, drawn, staged, well
from crashes.zombies import stop_in_the_middle

_LEASE_LOST = 3
_ROUND = 3


async def test_who_comes_back_without_the_lease_ends_and_reaches_nothing(
    servers, tmp_path
):
    seed, calls = drawn(), []
    rng, rounds = chance(seed), max(2, commits(0.02))
    settings = {"MNIST_OPERATOR_LEASE_NAME": "turn"}
    async with staged(servers, tmp_path, **settings) as stage:
        course = await stage.course()
        async with stage.operators("one", "other") as pair:
            first, second = pair
            await first.start()
            await course.push()
            await course.reaches(1)
            for _ in range(rounds):
                await second.start()
                pushing = asyncio.create_task(course.push_some(_ROUND))
                hold = await stop_in_the_middle(first, rng)
                calls.append(hold.call or "any time")
                await pushing
                await course.reaches(len(course.pushed))
                first.resume()
                await hold.deliver()

                assert _LEASE_LOST == await first.ends()
                first, second = second, first
            await course.push()
            await course.rests()
            told = f"SEED={seed}: {rounds} holders stopped at {', '.join(calls)}"
            await well(told, [course], *pair)

"""An operator is stopped in the middle of acting, another one does the work, and then
the first goes on where it was: it reaches nothing.
"""

import asyncio
import random
import signal
from contextlib import suppress

from crashes.moments import StopAt
from crashes.operators import Operator
from crashes.stage import Stage, chance, commits, drawn, well

__all__ = ["stop_in_the_middle", "zombies"]

_ROUND = 4
"""Commits for each time that an operator is stopped."""


async def zombies(stage: Stage, way: str, *, share: float = 0.2) -> None:
    """Stop an operator, let another one do the work, let the first go on; again."""
    seed = drawn()
    rng, rounds, calls = chance(seed), max(1, commits(share) // _ROUND), []
    async with stage.operators("one", "other") as pair:
        course = await stage.course(way)
        first, second = pair
        await first.start()
        for _ in range(rounds):
            pushing = asyncio.create_task(course.push_some(_ROUND))
            hold = await stop_in_the_middle(first, rng)
            calls.append(hold.call or "any time")
            await pushing
            await second.start()
            # In the middle of the work, or when all is done without the first.
            await course.reaches(len(course.pushed) - rng.randint(0, _ROUND - 1))
            first.resume()
            await hold.deliver()
            await course.reaches(len(course.pushed))
            await course.push()
            await course.reaches(len(course.pushed))
            assert first.runs, first.last_words()
            await first.kill()
            first, second = second, first
        await course.push()
        await course.rests()
        told = f"SEED={seed}: {rounds} zombies, stopped at {', '.join(calls)}"
        await well(told, [course], *pair)


async def stop_in_the_middle(operator: Operator, rng: random.Random) -> StopAt:
    """Stop it at some write; the call under way comes before the stop or after it."""
    hold = StopAt(operator, rng.randint(1, 40), before=rng.random() < 0.5)
    operator.holds.order(hold)
    with suppress(TimeoutError):
        async with asyncio.timeout(10):
            await hold.reached.wait()
    operator.holds.forget()
    operator.signal(signal.SIGSTOP)  # Where there were fewer calls than that.
    return hold

"""Pushing commit after commit, while operators are killed."""

import asyncio
import random
import time

from crashes.course import Course
from crashes.crew import Crew
from crashes.stage import Stage, chance, commits, drawn, well

__all__ = ["marathon", "pushes"]

_COURSES = ("native-1", "metadata-1", "native-2", "metadata-2")
_AHEAD = 5
"""So many commits wait at most, or the operator would never be seen at rest."""


async def pushes(course: Course, rng: random.Random, count: int) -> None:
    """Push so many, in bursts, and wait for all of their models."""
    while len(course.pushed) < count:
        burst = min(rng.randint(1, _AHEAD), count - len(course.pushed))
        await course.push_some(burst)
        await course.reaches(len(course.pushed) - rng.randint(0, _AHEAD - 1))
    await course.reaches(count)


async def marathon(stage: Stage, *, share: float = 1.0, operators: int = 1) -> None:
    """Kill each operator every few commits, until all have their model; then audit.

    Several trainings at once, two for each way to publish, each with its share of the
    commits.
    """
    seed, began = drawn(), time.monotonic()
    crew, over = Crew(chance(seed, 9)), asyncio.Event()
    names = [f"operator-{number}" for number in range(operators)]
    async with stage.operators(*names) as crewed:
        courses = [await stage.course(name) for name in _COURSES]
        async with asyncio.TaskGroup() as killing:
            for operator in crewed:
                killing.create_task(crew.kill_at_random(operator, over))
            async with asyncio.TaskGroup() as pushing:
                for number, course in enumerate(courses):
                    rng, count = (
                        chance(seed, number),
                        commits(share / len(_COURSES)) - 1,
                    )
                    pushing.create_task(pushes(course, rng, count))
            over.set()
        await crew.let_arrive()
        for operator in crewed[1:]:
            await operator.kill()
        for course in courses:
            await course.push()
            await course.rests()
        told = (
            f"SEED={seed}: {crew.killed} kills, {crew.at_calls} of them in the middle"
            f" of {len(crew.kills)} kinds of calls, {time.monotonic() - began:.0f} s"
        )
        await well(told, courses, *crewed)

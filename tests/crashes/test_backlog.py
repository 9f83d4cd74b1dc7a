"""SIGTERM in a flood of events: the process ends in time, and nothing is lost."""

import asyncio
import signal

from crashes.stage import chance, drawn, staged, well

_TRAININGS = 12


async def test_it_ends_in_a_flood_of_events_and_goes_on_where_it_was(servers, tmp_path):
    seed = drawn()
    rng = chance(seed)
    async with (
        staged(servers, tmp_path) as stage,
        stage.operators("operator") as (operator,),
    ):
        stage.hands.idle.clear()
        await operator.start()
        names = [f"{'native' if n % 2 else 'metadata'}-{n}" for n in range(_TRAININGS)]
        courses = [await stage.course(name) for name in names]
        for course in courses:
            await course.push_some(2)
        await stage.hands.sees(_TRAININGS // 2)
        stage.hands.idle.set()  # All end at once.
        async with asyncio.TaskGroup() as pushing:
            for course in courses:
                pushing.create_task(course.push())
            await asyncio.sleep(rng.uniform(0.0, 0.5))
            operator.signal(signal.SIGTERM)

        assert 0 == await operator.ends()
        await operator.start()
        for course in courses:
            await course.rests()
        told = f"SEED={seed}: SIGTERM with {_TRAININGS} trainings at work"
        await well(told, courses, operator)

"""Servers that die and come back, and networks that are cut, in the middle of runs."""

import asyncio

from crashes.cabled import cabled
from crashes.cables import Cut, Healing
from crashes.stage import chance, commits, drawn, staged, well

_ACCIDENTS = [
    (side, cut, healing)
    for side in ("pachd", "kube")
    for cut in Cut
    for healing in (Healing.DELIVERED, Healing.RESET)
    if cut is not Cut.REFUSED or healing is Healing.RESET
]
"""Refused connections are gone, so there is one way to heal."""


async def test_servers_that_are_killed_and_come_back_cost_nothing(servers, tmp_path):
    seed = drawn()
    rng, killed = chance(seed), []
    async with staged(servers, tmp_path) as stage:
        course = await stage.course()
        async with stage.operators("operator") as (operator,):
            await operator.start()
            for name in ("pachd", "kube") * (max(1, commits(0.05) // 2)):
                await course.push_some(3)
                await asyncio.sleep(rng.uniform(0.0, 1.0))
                server = getattr(servers, name)
                server.kill()
                await asyncio.to_thread(server.start)
                killed.append(name)
                await course.reaches(len(course.pushed) - rng.randint(0, 2))
            await course.rests()
            told = f"SEED={seed}: {len(killed)} servers killed"
            await well(told, [course], operator)


async def test_a_network_that_is_cut_and_heals_costs_nothing(servers, tmp_path):
    seed = drawn()
    rng = chance(seed)
    accidents = rng.choices(_ACCIDENTS, k=commits(0.1))
    async with staged(servers, tmp_path) as stage:
        course = await stage.course()
        async with cabled(stage) as (operator, cables):
            await operator.start()
            for side, cut, healing in accidents:
                await course.push_some(2)
                await asyncio.sleep(rng.uniform(0.0, 1.0))
                await cables[side].cut(cut)
                await asyncio.sleep(rng.uniform(0.1, 2.0))
                await cables[side].heal(healing)
                await course.reaches(len(course.pushed) - rng.randint(0, 1))
            await course.rests()
            told = f"SEED={seed}: {len(accidents)} cuts"
            await well(told, [course], operator)

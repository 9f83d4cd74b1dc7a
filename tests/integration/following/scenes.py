"""What the tests of the policies have in common: pushes, what is shown, the end."""

from collections.abc import Iterable
from typing import Any

from integration.stories import assert_one_story, decisions
from integration.world import EARLIEST, World, environment, until

__all__ = [
    "allow",
    "at_rest",
    "decided",
    "no_jobs",
    "open_all",
    "push_all",
    "reached",
    "slots",
    "states",
]


def allow(count: int, **spec: Any) -> dict[str, Any]:
    """So many runs at the same time, from the first commit on."""
    at_once = {"concurrencyPolicy": "Allow", "maxParallel": count}
    return {"trigger": EARLIEST, **at_once, **spec}


async def push_all(world: World, gates: Iterable[Any], **data: Any) -> list[str]:
    """One commit for each gate, behind which its trainer waits."""
    return [
        await world.push(digits=digits, wait_for=str(gate), **data)
        for digits, gate in enumerate(gates)
    ]


async def reached(*gates: Any) -> None:
    """Wait until a trainer stands before each of these gates."""
    for gate in gates:
        await gate.reached()


def open_all(gates: Iterable[Any]) -> None:
    """Let all trainers go on."""
    for gate in gates:
        gate.open()


async def states(world: World, *expected: str) -> list[dict[str, Any]]:
    """Wait until the runs are shown in these states, in the order of their start."""

    async def look() -> list[dict[str, Any]]:
        active = (await world.status()).get("active", [])
        found = [each["state"] for each in active] == list(expected)
        return active if found else []

    shown: list[dict[str, Any]] = await until(look, f"runs that are {expected}")
    return shown


async def decided(world: World, *pushed: str, **fields: Any) -> None:
    """Wait until these are decided, in this order, and nothing is left to do."""

    async def look() -> bool:
        return list(pushed) == [commit for commit, _ in await decisions(world)]

    await until(look, f"decisions about {pushed}")
    await world.shows(pendingCommits=0, active=[], **fields)


async def slots(world: World) -> dict[str, list[str]]:
    """The slots that each commit's TFJobs write to."""
    found: dict[str, list[str]] = {}
    for job in await world.jobs():
        told = environment(job)
        commit = told["INPUT_BUCKET"]["value"].partition(".")[0]
        slot = told["OUTPUT_BUCKET"]["value"].split(".")[1]
        found.setdefault(commit, []).append(slot)
    return found


async def at_rest(
    world: World, *pushed: str, with_jobs: bool = True, **fields: Any
) -> None:
    """The same; and compare all that is told."""
    await decided(world, *pushed, **fields)
    await assert_one_story(world, with_jobs=with_jobs)


async def no_jobs(world: World) -> None:
    """Wait for the end of every TFJob."""

    async def look() -> bool:
        return not await world.jobs()

    await until(look, "the end of every TFJob")

"""What is measured of one operator in one world: its start, its rest, and a rush."""

import asyncio
import time
from dataclasses import dataclass

from bench.scale.cloning import Plan
from bench.scale.processes import Measured
from bench.scale.tally import is_feed
from bench.scale.world import World
from bench.tables import spread

__all__ = ["Idle", "Rush", "Start", "measure_idle", "measure_rush", "measure_start"]

_QUIET_SECONDS = 3.0
_NANOSECONDS = 1e9
Memory = dict[str, float]


@dataclass(frozen=True, slots=True)
class Start:
    """From the start of the process until it stands as before."""

    steady_seconds: float
    """When the last of the statuses that were taken away is written again."""
    quiet_seconds: float | None
    """When the last request was made, feeds' aside; None: there was no end."""
    cpu_seconds: float
    calls: dict[str, int]
    memory: Memory

    @property
    def status_writes(self) -> int:
        """How many statuses it wrote."""
        return self.calls.get("kube.patch.mnisttrainings/status", 0)


@dataclass(frozen=True, slots=True)
class Idle:
    """While nothing happens."""

    seconds: float
    cpu: float
    """Share of one core."""
    servers_cpu: tuple[float, float]
    """The same of the API server and of pachd."""
    feeds: dict[str, int]
    others: dict[str, int]
    memory: Memory
    files: int

    def rate(self, calls: dict[str, int]) -> float:
        """Calls a second."""
        return sum(calls.values()) / self.seconds


@dataclass(frozen=True, slots=True)
class Rush:
    """Many commits in a row, and the end of all the runs that they led to."""

    commits: int
    rate: float
    """Commits a second, as it came out."""
    latency: dict[str, float]
    """From finished to TFJob created, in milliseconds."""
    missing: int
    cpu: float
    """Share of one core, until the last TFJob was there."""
    servers_cpu: tuple[float, float]
    cpu_per_job: float
    """CPU seconds from commit to TFJob."""
    cpu_per_end: float
    """CPU seconds from the end of the TFJob to the model published and recorded."""
    drain_seconds: float
    """From the end of all TFJobs to the last model."""
    calls: dict[str, float]
    """For each commit from its push to its model, feeds' looks in turn included."""


async def measure_start(world: World, operator: Measured, plan: Plan) -> Start:
    """Wait until a restarted operator has looked at every training."""
    began = time.time()
    await world.until_written(plan.marked())
    steady = time.time() - began
    used, calls = operator.cpu_seconds(), (await world.tally()).calls
    quiet: float | None = None
    try:
        quiet = await world.until_quiet(_QUIET_SECONDS, seconds=60) - began
        used, calls = operator.cpu_seconds(), (await world.tally()).calls
    except TimeoutError:
        pass
    return Start(steady, quiet, used, dict(calls), operator.megabytes())


async def measure_idle(world: World, operator: Measured, seconds: float) -> Idle:
    """Let it stand still for so long."""
    before = await world.tally()
    processes = (operator, world.kube, world.pachd)
    began, used = time.perf_counter(), [each.cpu_seconds() for each in processes]
    await asyncio.sleep(seconds)
    passed = time.perf_counter() - began
    cpu, kube, pachd = (
        (each.cpu_seconds() - earlier) / passed
        for each, earlier in zip(processes, used, strict=True)
    )
    made = (await world.tally()).calls - before.calls
    feeds = {call: n for call, n in made.items() if is_feed(call)}
    return Idle(
        seconds=passed,
        cpu=cpu,
        servers_cpu=(kube, pachd),
        feeds=feeds,
        others={call: n for call, n in made.items() if call not in feeds},
        memory=operator.megabytes(),
        files=operator.files(),
    )


async def measure_rush(
    world: World, operator: Measured, plan: Plan, *, rate: float, seconds: float
) -> Rush:
    """Push so many commits a second, one to a training; then end all TFJobs at once."""
    chosen = _spread(plan, min(int(rate * seconds), plan.trainings))
    places = [(each["input"], each["branch"]) for each in chosen]
    keys = [(each["namespace"], each["name"]) for each in chosen]
    processes = (operator, world.kube, world.pachd)
    used = [each.cpu_seconds() for each in processes]
    before, began = (await world.tally()).calls, time.time()
    commits = await _push(world, places, rate)
    pushed = time.time() - began
    created = await _jobs(world, commits)
    passed = time.time() - began
    cpu = [
        each.cpu_seconds() - earlier
        for each, earlier in zip(processes, used, strict=True)
    ]
    asked = [[repo, id_] for (repo, _), id_ in zip(places, commits, strict=True)]
    finished = await world.ask_pachd(finished=asked)
    waits = [
        (created[commit] - stamp) / _NANOSECONDS
        for commit, stamp in zip(commits, finished, strict=True)
        if commit in created
    ]
    wanted = [
        [*key, commit]
        for key, commit in zip(keys, commits, strict=True)
        if commit in created
    ]
    drained, ended_cpu = await _drain(world, operator, wanted)
    made = (await world.tally()).calls - before
    return Rush(
        calls={call: n / len(commits) for call, n in sorted(made.items())},
        commits=len(commits),
        rate=len(commits) / pushed,
        latency=spread(waits) | {"max": round(max(waits) * 1000, 2)},
        missing=len(commits) - len(waits),
        cpu=cpu[0] / passed,
        servers_cpu=(cpu[1] / passed, cpu[2] / passed),
        cpu_per_job=cpu[0] / len(commits),
        cpu_per_end=ended_cpu / len(commits),
        drain_seconds=drained,
    )


def _spread(plan: Plan, number: int) -> list[dict[str, str]]:
    """Trainings, so that neighbours in time have input repos of their own."""
    named = list(plan.names())
    turns = [named[first :: plan.per_repo] for first in range(plan.per_repo)]
    return [each for turn in turns for each in turn][:number]


async def _push(world: World, places: list[tuple[str, str]], rate: float) -> list[str]:
    commits: list[str] = []
    began = time.perf_counter()
    for number, place in enumerate(places):
        due = began + number / rate
        await asyncio.sleep(max(due - time.perf_counter(), 0.0))
        commits += await world.ask_pachd(push=[list(place)])
    return commits


async def _jobs(
    world: World, commits: list[str], seconds: float = 60
) -> dict[str, int]:
    """When each commit's TFJob was created; some may be missing after so long."""
    end = time.time() + seconds
    while True:
        found: dict[str, int] = await world.ask_kube(jobs=True)
        if time.time() > end or set(commits) <= found.keys():
            return found
        await asyncio.sleep(0.5)


async def _drain(
    world: World, operator: Measured, wanted: list[list[str]]
) -> tuple[float, float]:
    """Until each training shows its model; seconds, and CPU seconds."""
    used, began = operator.cpu_seconds(), time.time()
    await world.ask_kube(end=True)
    await world.until_trained(wanted)
    await world.ask_kube(end=False)
    return time.time() - began, operator.cpu_seconds() - used

"""Twenty thousand commits that wait on one branch when the operator starts.

They lie above the last commit that was decided. pachd takes 10 ms to list each, so
20,000 of them are 200 s before anybody can know which is the oldest.
"""

import asyncio
import json
import sqlite3
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.scale.cloning import Plan, clone
from bench.scale.processes import Measured
from bench.scale.standins import DATA_FILE, TRAININGS
from bench.scale.world import World

__all__ = ["Backlog", "measure_backlog"]

_PLAN = Plan(1, 1)
_QUIET_SECONDS = 5.0
_ORDER = 10_000_000
_PAUSE_SECONDS = 0.5
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Backlog:
    """How one operator got through, or as far as it was let."""

    mode: str
    commits: int
    first_job_seconds: float
    """From the start of the process."""
    first_job_cpu: float
    peak: dict[str, float]
    """Megabytes, at the first TFJob."""
    runs: int
    """TFJobs that were created while it was watched."""
    runs_seconds: float
    runs_cpu: float
    listed: int
    """Calls of ListCommit, of a page each, until the first TFJob."""


async def measure_backlog(
    template: Path, root: Path, mode: str, commits: int, seconds: float
) -> Backlog:
    """Start on that backlog, and watch the first runs for so long."""
    clone(template, root, _PLAN)
    _pile_up(root, commits)
    _set_mode(root, mode)
    async with World(root) as world:
        await world.ask_kube(end=True)
        began = time.time()
        async with world.operator() as operator:
            await _until_jobs(world, 1)
            first, used = time.time() - began, operator.cpu_seconds()
            memory = operator.megabytes()
            listed = (await world.tally()).calls["ListCommit input"]
            at = time.time()
            ended = at + seconds
            if mode == "LatestOnly":
                with suppress(TimeoutError):
                    ended = await world.until_quiet(_QUIET_SECONDS, seconds=seconds)
            else:
                await asyncio.sleep(seconds)
            runs = len(await world.ask_kube(jobs=True))
            cpu = operator.cpu_seconds() - used
            peak = _greater(memory, operator)
    return Backlog(mode, commits, first, used, peak, runs, ended - at, cpu, listed)


def _greater(memory: dict[str, float], operator: Measured) -> dict[str, float]:
    now = operator.megabytes()
    return {name: max(value, now[name]) for name, value in memory.items()}


async def _until_jobs(world: World, number: int) -> None:
    async with asyncio.timeout(1800):
        while len(await world.ask_kube(jobs=True)) < number:
            await asyncio.sleep(_PAUSE_SECONDS)


def _pile_up(root: Path, commits: int) -> None:
    """Write finished commits above the input branch's head, one the other's child."""
    (names,) = _PLAN.names()
    db = sqlite3.connect(root / "pachd" / "state.sqlite", isolation_level=None)
    branch_key = f"2branch/default/{names['input']}@{names['branch']}"
    branch = _read(db, branch_key)
    head_key = f"3commit/default/{names['input']}@{branch['head']}"
    head = _read(db, head_key)
    ids = [_new_id() for _ in range(commits)]
    rows = []
    for place, id_ in enumerate(ids):
        commit = head | {"id": id_, "order": _ORDER + place, "origin": 1}
        commit["parent"] = ids[place - 1] if place else branch["head"]
        commit["tree"] = {DATA_FILE: [[id_ * 2, 1]]}
        commit["children"] = ids[place + 1 : place + 2]
        for moment in ("started", "finishing", "finished"):
            commit[moment] = head[moment] + (place + 1) * 1_000_000
        key = f"3commit/default/{names['input']}@{id_}"
        rows.append((key, json.dumps(commit)))
    head["children"] = [*head["children"], ids[0]]
    branch["head"] = ids[-1]
    rows += [(head_key, json.dumps(head)), (branch_key, json.dumps(branch))]
    db.execute("BEGIN")
    db.executemany("INSERT OR REPLACE INTO records (key, value) VALUES (?, ?)", rows)
    db.execute("COMMIT")
    db.close()


def _new_id() -> str:
    return uuid.uuid4().hex


def _read(db: sqlite3.Connection, key: str) -> Json:
    (text,) = db.execute("SELECT value FROM records WHERE key = ?", (key,)).fetchone()
    found: Json = json.loads(text)
    return found


def _set_mode(root: Path, mode: str) -> None:
    path = root / "kube" / "kube.journal"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        if line["resource"] == TRAININGS:
            line["put"]["spec"]["trigger"]["mode"] = mode
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))

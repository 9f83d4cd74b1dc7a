"""From the start of the process to the first look that is done, by what came before.

The same training twice: with nothing in its history, and with a thousand published
commits, all with their staging commits and lines in the ledger, written with the
operator's own words. Steady is when the status, which was emptied before, is
written again: from then on a push is acted upon. Quiet is when pachd has no more
to answer: a subscription replays the whole repo, at 10 ms a commit.
"""

import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from statistics import median

from bench.api import Sighting
from bench.history import write_history
from bench.programs import operator
from bench.servers import NAMESPACE, Servers
from bench.stage import TRAININGS, has_conditions, training
from bench.tables import Result
from mnist_operator.places import input_branch
from mnist_operator.resource import parse_training

__all__ = ["measure_restart"]

_NAME = "mnist"
_QUIET_SECONDS = 1.5
_RESTARTS = 5


@dataclass(frozen=True, slots=True)
class _Start:
    """One start of the operator: seconds, and the calls that pachd got."""

    steady: float
    quiet: float
    calls: Counter[str]
    """Until steady."""


async def measure_restart(servers: Servers, commits: int) -> Result:
    """Restart the operator by turns on an empty history and on so many commits."""
    async with AsyncExitStack() as stack:
        empty = Servers(servers.root.with_name("empty"))
        await stack.enter_async_context(empty)
        sides = {"empty": empty, "full": servers}
        for side in sides.values():
            await side.api.call("POST", TRAININGS, training(_NAME))
        body = await servers.api.call("GET", f"{TRAININGS}/{_NAME}")
        await empty.pachyderm.create_repo(input_branch(parse_training(body)).repo)
        await write_history(servers.pachyderm, parse_training(body), commits)
        starts: dict[str, list[_Start]] = {name: [] for name in sides}
        for number in range(_RESTARTS + 1):
            for name, side in sides.items():
                start = await _start(side)
                if number:  # The first one makes what every later one finds.
                    starts[name].append(start)
    return _tell(commits, starts)


async def _start(servers: Servers) -> _Start:
    path = f"{TRAININGS}/{_NAME}"
    await servers.api.call("PATCH", f"{path}/status", {"status": None})
    before = await servers.calls()
    async with Sighting(
        servers.api, TRAININGS, lambda one: one["metadata"]["name"]
    ) as seen:
        began = time.time()
        async with operator(servers, NAMESPACE):
            await seen.when(_NAME, has_conditions)
            steady = time.time()
            calls = await servers.calls()
            quiet = await servers.quiet_since(_QUIET_SECONDS)
    made = Counter({k: n for k, n in (calls - before).items() if k.startswith("pfs.")})
    return _Start(steady - began, quiet - began, made)


def _tell(commits: int, starts: dict[str, list[_Start]]) -> Result:
    names = {"empty": "empty history", "full": f"{commits} published commits"}
    figures = {
        name: {
            "steady_ms": round(median(s.steady for s in found) * 1000),
            "quiet_ms": round(median(s.quiet for s in found) * 1000),
            "calls": dict(found[-1].calls),
        }
        for name, found in starts.items()
    }
    rows = [
        (names[name], str(f["steady_ms"]), str(f["quiet_ms"]), _count(f["calls"]))
        for name, f in figures.items()
    ]
    empty, full = figures["empty"], figures["full"]
    ratio = round(full["steady_ms"] / empty["steady_ms"], 2)
    rows.append(("ratio", f"{ratio:.2f}", "", ""))
    listed = ", ".join(f"{k[4:]} {n}" for k, n in sorted(full["calls"].items()))
    return Result(
        title="Restart: process started -> first look done",
        columns=("", "steady ms", "pachd quiet ms", "calls to pachd"),
        rows=rows,
        remark=f"Medians of {_RESTARTS}, by turns. Calls until steady, with the"
        f" longer history: {listed}.",
        figures={**figures, "ratio": ratio, "commits": commits},
    )


def _count(calls: dict[str, int]) -> str:
    return str(sum(calls.values()))

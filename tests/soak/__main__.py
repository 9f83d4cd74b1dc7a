"""`python -m soak --minutes 60`: run the operator with faults all along; does it grow?

The exit status is 1 when something grows, or when a commit was lost or decided twice.
"""

import argparse
import asyncio
import json
import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

from soak.audit import audit, rest
from soak.holdings import BYTES
from soak.sampling import look_outside, look_within
from soak.stage import Stage
from soak.tables import show
from soak.tolerances import TOLERANCES
from soak.users import Users
from soak.verdict import compare
from soak.weather import Weather

__all__ = ["flatten", "main", "soak"]

_SAMPLES = 60
"""Of a whole run; each costs the operator about a second."""
_LEAST_PAUSE_SECONDS = 2.0
_REST_SECONDS = 900.0


def main() -> int:
    """Soak, and tell."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", type=Path, help="folder for logs and samples")
    asked = parser.parse_args()
    print(f"{asked.minutes:g} minutes, seed {asked.seed}", flush=True)
    if asked.keep is not None:
        asked.keep.mkdir(parents=True)
        return asyncio.run(soak(asked.keep, asked.minutes, asked.seed))
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        return asyncio.run(soak(Path(folder), asked.minutes, asked.seed))


async def soak(folder: Path, minutes: float, seed: int) -> int:
    """One run; returns the exit status."""
    # What the servers say of faults that were ordered.
    logging.basicConfig(filename=folder / "servers.log")
    async with Stage(folder / "stage") as stage:
        weather = Weather(stage, Random(seed))  # noqa: S311 (to be had again)
        users = Users(stage, Random(seed + 1))  # noqa: S311
        seconds = 60 * minutes
        with (folder / "samples.jsonl").open("w") as file:
            async with _at_work(weather, users) as tasks:
                samples = []
                async for sample in _sampled(stage, seconds):
                    samples.append(sample)
                    file.write(json.dumps(sample) + "\n")
                    file.flush()
                    if any(task.done() for task in tasks):
                        break  # It is told why below.
        stage.faults.clear()
        print(f"{_tell(users.done)}; faults: {_tell(weather.faults)}", flush=True)
        grown = _judge(samples, minutes)
        faults = await rest(stage, seconds=_REST_SECONDS)
        counts, found = await audit(stage)
    print(f"Audit: {_tell(counts)}; {len(faults + found)} violations")
    for fault in faults + found:
        print(f"  {fault}")
    return 1 if grown or faults or found else 0


def _judge(samples: list[Mapping[str, float]], minutes: float) -> list[str]:
    """Show what was measured; returns what grows."""
    try:
        growths = compare(samples, TOLERANCES)
    except ValueError as error:
        return [str(error)]
    show(growths, f"{minutes:g} minutes")
    grown = [each.name for each in growths if each.is_more]
    print(f"Grows: {', '.join(grown)}" if grown else "Nothing grows.", flush=True)
    return grown


@asynccontextmanager
async def _at_work(
    weather: Weather, users: Users
) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Both, until the block ends; what fails in them fails the run."""
    tasks = [asyncio.create_task(each.run()) for each in (weather, users)]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if not isinstance(result, asyncio.CancelledError):
                print(f"ended by itself: {result!r}", file=sys.stderr)
    assert all(task.cancelled() for task in tasks), "see above"


async def _sampled(stage: Stage, seconds: float) -> AsyncIterator[Mapping[str, float]]:
    """A sample now and then, until the time is over."""
    pause = max(seconds / _SAMPLES, _LEAST_PAUSE_SECONDS)
    end, pid = time.monotonic() + seconds, stage.operator.process.pid
    while (left := end - time.monotonic()) > 0:
        await asyncio.sleep(min(pause, left))
        within = await look_within(pid, stage.report)
        yield flatten(within, look_outside(pid))


def flatten(
    within: Mapping[str, Any], outside: Mapping[str, float]
) -> dict[str, float]:
    """One sample, of what the process says and of what is seen of it."""
    pooled = float(within["pooled"])
    found = dict(outside) | {
        "threads of asyncio's pool": pooled,
        "threads, all others": outside["threads"] - pooled,
        "decisions": _decided(within),
        "tasks": float(within["tasks"]),
        "objects": float(within["objects"]),
        "MB in use of the C heap": within["heap"] / 2**20,
        "traced MB": within["traced"] / 2**20,
        "traced MB, at most": within["peak"] / 2**20,
        "traced MB, the operator's": within["own"] / 2**20,
    }
    del found["threads"]
    held = dict(within["holdings"])
    # They take each other's place every few minutes.
    held["Recent, both generations"] = sum(
        held.pop(f"Recent.{name}", 0) for name in ("_young", "_old")
    )
    found["MB reached from the hub"] = held.pop(BYTES, 0) / 2**20
    return found | {f"in {name}": float(number) for name, number in held.items()}


def _decided(within: Mapping[str, Any]) -> float:
    """How many decisions the operator knows of."""
    return float(within["holdings"].get("Ledger.decided", 0))


def _tell(counts: Counter[str]) -> str:
    return ", ".join(f"{n} {name}" for name, n in sorted(counts.items()))


if __name__ == "__main__":
    sys.exit(main())

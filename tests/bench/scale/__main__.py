"""One operator and thousands of MnistTrainings: `python -m bench.scale`.

The operator is a process of its own with its installed settings, as are the API
server and pachd of the local cluster, so that its CPU and memory are its own. Costs
are CPU seconds and counts of calls, which others on the machine do not change much;
beside each wall-clock number stands how busy the machine was. No number passes or
fails here: the goals stand beside them.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.scale.backlog import measure_backlog
from bench.scale.cloning import Plan, clone
from bench.scale.measures import Rush, measure_idle, measure_rush, measure_start
from bench.scale.plot import draw
from bench.scale.report import (
    Side,
    panels,
    tell_backlogs,
    tell_calls,
    tell_rush,
    tell_sides,
    tell_starts,
)
from bench.scale.template import make_template
from bench.scale.world import World, say
from bench.tables import Result, circumstances, show, to_line

__all__ = ["main"]

_SETTLING_SECONDS = 15.0
"""Longer than the operator's poll period: every feed has looked again by then."""
_MODES = ("LatestOnly", "EveryCommit")
_SERVERS = "the local cluster's (200 ms to finish a commit, 10 ms to list one)"
_CAPTION = "What one operator costs, against the number of its MnistTrainings"


def main() -> int:
    """Read what is wanted, measure it, and print it."""
    arguments = _read()
    # Whoever ends us, the processes that we began are to end, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    findings = _Findings(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-scale-") as folder:
        asyncio.run(_measure(Path(folder), arguments, findings))
    return 0


class _Findings:
    """What was found so far; written at once, for a run takes long and may be ended."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._json: Path | None = arguments.json
        self._plot: Path | None = arguments.plot
        self._where = circumstances(_SERVERS)
        self._results: dict[str, Result] = {}
        listed = (f"{name}: {value}" for name, value in self._where.items())
        print(", ".join(listed), end="\n\n")

    def add(self, name: str, result: Result) -> None:
        self._results[name] = result
        line = to_line(self._where, self._results)
        if self._json:
            self._json.write_text(line + "\n")
        if self._plot and name == "sides":
            figures = json.loads(line)["benchmarks"]["sides"]
            self._plot.write_text(draw(panels(figures), _CAPTION))


def _read() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.scale", description="Measure one operator at scale."
    )
    add = parser.add_argument
    add("--trainings", type=_numbers, default=[250, 1000, 2500, 5000])
    add("--repos", type=int, default=500, help="input repos that they share")
    add("--idle", type=float, default=60.0, metavar="SECONDS")
    add("--rate", type=float, default=50.0, help="commits a second")
    add("--seconds", type=float, default=10.0, help="of such a rush; 0: none")
    add("--backlog", type=int, default=20_000, help="commits; 0: none")
    add("--watch", type=float, default=30.0, help="seconds of EveryCommit's runs")
    add("--plot", type=Path, metavar="FILE", help="write an SVG")
    add("--json", type=Path, metavar="FILE", help="write the figures")
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return sorted(int(each) for each in text.split(",") if each)


async def _measure(root: Path, wanted: argparse.Namespace, findings: _Findings) -> None:
    say("making a training and its first model")
    template = root / "template"
    await make_template(template)
    if wanted.trainings:
        await _measure_sides(root, template, wanted, findings)
    if not wanted.backlog:
        return
    say(f"{wanted.backlog:,} commits wait, {' and '.join(_MODES)} side by side")
    # Until the first TFJob both do little but wait for pachd, each for its own.
    backlogs = await asyncio.gather(
        *(
            measure_backlog(template, root / mode, mode, wanted.backlog, wanted.watch)
            for mode in _MODES
        )
    )
    findings.add("backlog", tell_backlogs(backlogs))
    show(tell_backlogs(backlogs))


async def _measure_sides(
    root: Path, template: Path, wanted: argparse.Namespace, findings: _Findings
) -> None:
    empty = await _measure_empty(root, template)
    sides: list[Side] = []
    for number in wanted.trainings:
        side, rush = await _measure_side(root, template, number, wanted)
        sides.append(side)
        findings.add("sides", tell_sides(sides, empty))
        if rush is not None:
            told = tell_rush(number, rush, os.getloadavg()[0])
            findings.add(f"rush {number}", told)
            show(told)
    for told in (tell_sides(sides, empty), tell_starts(sides), tell_calls(sides[-1])):
        show(told)


async def _measure_empty(root: Path, template: Path) -> Mapping[str, float]:
    place = root / "empty"
    clone(template, place, Plan(0, 1))
    async with World(place) as world, world.operator() as operator:
        await asyncio.sleep(_SETTLING_SECONDS)
        return operator.megabytes()


async def _measure_side(
    root: Path, template: Path, number: int, wanted: argparse.Namespace
) -> tuple[Side, Rush | None]:
    plan = Plan(number, min(wanted.repos, number))
    place = root / str(number)
    say(f"{number:,} MnistTrainings over {plan.repos:,} repos: writing them")
    clone(template, place, plan)
    rush = None
    async with World(place) as world:
        load = os.getloadavg()[0]
        say("restart")
        async with world.operator() as operator:
            start = await measure_start(world, operator, plan)
            await asyncio.sleep(_SETTLING_SECONDS)
            say(f"steady after {start.steady_seconds:.1f} s; idle")
            idle = await measure_idle(world, operator, wanted.idle)
            commits = min(wanted.rate * wanted.seconds, number)
            if commits >= wanted.rate * 10:  # Shorter ones say nothing of a p99.
                say(f"{commits:.0f} commits at {wanted.rate:g}/s")
                rush = await measure_rush(
                    world, operator, plan, rate=wanted.rate, seconds=wanted.seconds
                )
    return Side(number, load, start, idle), rush


if __name__ == "__main__":
    sys.exit(main())

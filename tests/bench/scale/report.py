"""What was found, beside the goals: tables for people, figures for programs, panels."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.scale.backlog import Backlog
from bench.scale.measures import Idle, Rush, Start
from bench.scale.plot import Panel
from bench.tables import Result

__all__ = [
    "Side",
    "panels",
    "tell_backlogs",
    "tell_calls",
    "tell_rush",
    "tell_sides",
    "tell_starts",
]

_CPU_GOAL, _CALLS_GOAL, _MEMORY_GOAL = 0.05, 2.0, 0.5
_STEADY_GOAL, _LATENCY_GOAL = 30, 500


@dataclass(frozen=True, slots=True)
class Side:
    """One number of trainings."""

    trainings: int
    load: float
    """Processes that wanted the cores, on average over a minute, at the start."""
    start: Start
    idle: Idle

    def memory_each(self, empty: Mapping[str, float]) -> dict[str, float]:
        """Megabytes for each training."""
        return {
            name: (value - empty[name]) / self.trainings
            for name, value in self.idle.memory.items()
        }

    @property
    def calls_each(self) -> float:
        """Calls a second beyond the feeds, per 1,000 trainings."""
        return self.idle.rate(self.idle.others) * 1000 / self.trainings


def tell_sides(sides: Sequence[Side], empty: Mapping[str, float]) -> Result:
    """A row for each number of trainings, at rest; all figures of both tables."""
    columns = (
        "MnistTrainings",
        f"CPU % (<{_CPU_GOAL * 100:g})",
        f"calls/s per 1,000 (<{_CALLS_GOAL:g})",
        "feeds' calls/s",
        f"PSS MB each (<{_MEMORY_GOAL})",
        "RSS MB each",
    )
    return Result(
        title="One operator at rest",
        columns=columns,
        rows=[_rest_row(side, empty) for side in sides],
        remark="CPU of one core; calls beyond the feeds' own. Without any training: PSS"
        f" {empty['PSS']:.0f} MB, RSS {empty['RSS']:.0f} MB.",
        figures={"empty": dict(empty), "sides": [asdict(side) for side in sides]},
    )


def _rest_row(side: Side, empty: Mapping[str, float]) -> list[str]:
    each, idle = side.memory_each(empty), side.idle
    return [
        f"{side.trainings:,}",
        f"{idle.cpu * 100:.1f}",
        f"{side.calls_each:.2f}",
        f"{idle.rate(idle.feeds):.1f}",
        f"{each['PSS']:.3f}",
        f"{each['RSS']:.3f}",
    ]


def tell_starts(sides: Sequence[Side]) -> Result:
    """The same rows, at a restart."""
    columns = (
        "MnistTrainings",
        f"steady s (<{_STEADY_GOAL})",
        "quiet s",
        "CPU s",
        "CPU ms each",
        "statuses written",
        "load",
    )
    return Result(
        title="The operator starts where another one ended",
        columns=columns,
        rows=[_start_row(side) for side in sides],
        remark="Steady: the status of each tenth training had been taken away before,"
        " and all are back. Quiet: nobody but the feeds asks anything any more. CPU: of"
        " the operator, until then. Load: the average of the last minute before;"
        " seconds mean little where it is above the number of cores.",
        figures={},
    )


def _start_row(side: Side) -> list[str]:
    start = side.start
    quiet = "never" if start.quiet_seconds is None else f"{start.quiet_seconds:.1f}"
    return [
        f"{side.trainings:,}",
        f"{start.steady_seconds:.1f}",
        quiet,
        f"{start.cpu_seconds:.1f}",
        f"{start.cpu_seconds * 1000 / side.trainings:.1f}",
        str(start.status_writes),
        f"{side.load:.1f}",
    ]


def tell_calls(side: Side) -> Result:
    """Which calls those are, at rest and per training at a start."""
    idle, start = side.idle, side.start
    names = sorted({*idle.feeds, *idle.others, *start.calls})
    made = {**idle.feeds, **idle.others}
    rows = [
        (
            name,
            "yes" if name in idle.feeds else "",
            f"{made.get(name, 0) / idle.seconds:.2f}",
            f"{start.calls.get(name, 0) / side.trainings:.2f}",
        )
        for name in names
    ]
    kube, pachd = (f"{share:.1%}" for share in idle.servers_cpu)
    return Result(
        title=f"Calls with {side.trainings:,} MnistTrainings",
        columns=("call", "a feed's", "idle, a second", "at a start, each training"),
        rows=rows,
        remark=f"Idle, the stand-in API server used {kube} of a core, pachd {pachd}."
        f" The operator had {idle.files} files open.",
        figures={},
    )


def tell_rush(trainings: int, rush: Rush, load: float) -> Result:
    """Commits in a row, and the end of their runs."""
    latency = rush.latency
    rows = [
        ("commit finished to TFJob created, p50 ms", f"{latency['p50']:.0f}", ""),
        ("the same, p99", f"{latency['p99']:.0f}", f"< {_LATENCY_GOAL}"),
        ("the same, the longest", f"{latency['max']:.0f}", ""),
        ("commits without a TFJob a minute later", str(rush.missing), "0"),
        ("CPU % of the operator meanwhile", f"{rush.cpu * 100:.0f}", ""),
        ("CPU ms from a commit to its TFJob", f"{rush.cpu_per_job * 1000:.1f}", ""),
        ("CPU ms from the TFJob's end on", f"{rush.cpu_per_end * 1000:.1f}", ""),
        ("all ended at once: s to the last model", f"{rush.drain_seconds:.1f}", ""),
    ]
    kube, pachd = (f"{share:.0%}" for share in rush.servers_cpu)
    return Result(
        title=f"{rush.commits:,} commits at {rush.rate:.0f}/s,"
        f" {trainings:,} MnistTrainings",
        columns=("", "measured", "goal"),
        rows=rows,
        remark=f"A training each, neighbours in repos of their own; load {load:.1f}."
        f" The stand-in API server used {kube} of a core, pachd {pachd}. Calls for each"
        f" commit, to its model: {_list_calls(rush)}.",
        figures=asdict(rush) | {"trainings": trainings, "load": load},
    )


def _list_calls(rush: Rush) -> str:
    return ", ".join(f"{call} {each:.1f}" for call, each in rush.calls.items())


def tell_backlogs(backlogs: Sequence[Backlog]) -> Result:
    """Both modes side by side."""
    rows = [_backlog_row(each) for each in backlogs]
    return Result(
        title=f"A backlog of {backlogs[0].commits:,} commits on one branch",
        columns=(
            "mode",
            "first TFJob s",
            "of that listed s",
            "CPU s",
            "RSS MB",
            "then TFJobs",
            "in s",
            "CPU ms each",
        ),
        rows=rows,
        remark="pachd takes 10 ms to list a commit. Both wait side by side, and are"
        " then watched for as long as stands there, LatestOnly no longer than anything"
        " moves; with EveryCommit each run waits for the one before.",
        figures={"backlogs": [asdict(each) for each in backlogs]},
    )


def _backlog_row(each: Backlog) -> list[str]:
    return [
        each.mode,
        f"{each.first_job_seconds:.1f}",
        f"{each.commits / 100:.0f}" if each.listed else "0",
        f"{each.first_job_cpu:.1f}",
        f"{each.peak['RSS']:.0f}",
        str(each.runs),
        f"{each.runs_seconds:.1f}",
        f"{each.runs_cpu * 1000 / max(each.runs, 1):.0f}",
    ]


def panels(figures: Mapping[str, Any]) -> list[Panel]:
    """The plot, from the figures of `tell_sides`, which may come from a file."""
    sides, empty = figures["sides"], figures["empty"]
    most = max(side["trainings"] for side in sides)

    def line(of: Any) -> list[tuple[float, float]]:
        return [(side["trainings"], of(side)) for side in sides]

    def calls(side: Mapping[str, Any]) -> float:
        idle = side["idle"]
        return float(sum(idle["others"].values()) / idle["seconds"])

    return [
        Panel(
            "Idle: CPU, % of one core",
            line(lambda side: side["idle"]["cpu"] * 100),
            [(0, _CPU_GOAL * 100), (most, _CPU_GOAL * 100)],
        ),
        Panel(
            "Idle: calls a second beyond the feeds",
            line(calls),
            [(0, 0), (most, most * _CALLS_GOAL / 1000)],
        ),
        Panel(
            "Memory, MB of PSS above the empty operator",
            line(lambda side: side["idle"]["memory"]["PSS"] - empty["PSS"]),
            [(0, 0), (most, most * _MEMORY_GOAL)],
        ),
        Panel(
            "Restart until all were looked at: CPU seconds",
            line(lambda side: side["start"]["cpu_seconds"]),
        ),
    ]

"""What a benchmark found, as a table for people and as JSON for programs."""

import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

__all__ = ["Result", "circumstances", "percentile", "show", "spread", "to_line"]


@dataclass(frozen=True, slots=True)
class Result:
    """One table, the remark below it, and the same numbers by name."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    remark: str
    figures: Mapping[str, Any]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that this share of them does not exceed."""
    return sorted(values)[max(math.ceil(len(values) * share) - 1, 0)]


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median and worst cases, in milliseconds."""
    return {
        name: round(percentile(seconds, share) * 1000, 2)
        for name, share in (("p50", 0.5), ("p99", 0.99))
    }


def circumstances(servers: str) -> dict[str, Any]:
    """Where the numbers come from, without which they say nothing."""
    return {
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "servers": servers,
    }


def show(result: Result) -> None:
    """Print the table."""
    table = Table(title=result.title, title_justify="left", title_style="bold")
    for number, column in enumerate(result.columns):
        table.add_column(column, justify="right" if number else "left")
    for row in result.rows:
        table.add_row(*row)
    console = Console(highlight=False, emoji=False)
    console.print(table)
    console.print(f"{result.remark}\n", style="dim", soft_wrap=True, markup=False)


def to_line(where: Mapping[str, Any], results: Mapping[str, Result]) -> str:
    """Everything in one line of JSON."""
    named = {name: result.figures for name, result in results.items()}
    return json.dumps({**where, "benchmarks": named})

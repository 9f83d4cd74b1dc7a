"""The numbers: `python -m bench [NAME...] [--json]`.

Nothing here passes or fails by its time. Every number stands beside a floor that was
measured in the same run, on the same servers, because only their ratio means
something on another machine. Latency and publishing run against real servers where
PACHD_ADDRESS, S3_ENDPOINT and KUBECONFIG name some; the others always against the
local cluster's.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.latency import measure_latency
from bench.lineage import measure_lineage
from bench.memory import measure_memory
from bench.publishing import measure_publishing
from bench.restart import measure_restart
from bench.servers import FINISH_SECONDS, LISTING_SECONDS, Servers
from bench.tables import Result, circumstances, show, to_line

__all__ = ["main"]

_Measure = Callable[[Servers, int], Awaitable[Result]]
_BENCHMARKS: dict[str, tuple[_Measure, int, str]] = {
    "latency": (measure_latency, 200, "commits"),
    "publishing": (measure_publishing, 50, "models"),
    "memory": (measure_memory, 200, "MnistTrainings"),
    "restart": (measure_restart, 1000, "published commits"),
    "lineage": (measure_lineage, 1000, "models"),
}
_ON_REAL_SERVERS = ("latency", "publishing")


def main() -> int:
    """Run the benchmarks that are named, or all."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure the operator.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of: {', '.join(_BENCHMARKS)}"
    )
    parser.add_argument("--json", action="store_true", help="one line of JSON at last")
    for name, (_, number, what) in _BENCHMARKS.items():
        parser.add_argument(
            f"--{name}", type=int, default=number, metavar="N", help=f"so many {what}"
        )
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - _BENCHMARKS.keys():
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    names = arguments.names or list(_BENCHMARKS)
    real = Servers.are_given()
    where = circumstances(_describe(real=real))
    print(", ".join(f"{name}: {value}" for name, value in where.items()), end="\n\n")
    results: dict[str, Result] = {}
    for name in names:
        number = getattr(arguments, name)
        result = asyncio.run(_run(name, number, real and name in _ON_REAL_SERVERS))
        show(result)
        results[name] = result
    if arguments.json:
        print(to_line(where, results))
    return 0


async def _run(name: str, number: int, real: bool) -> Result:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with Servers(Path(folder) / "servers", real=real) as servers:
            return await _BENCHMARKS[name][0](servers, number)


def _describe(*, real: bool) -> str:
    local = (
        f"the local cluster's (a commit takes {FINISH_SECONDS * 1000:.0f} ms to"
        f" finish and {LISTING_SECONDS * 1000:.0f} ms to be listed)"
    )
    if not real:
        return local
    return f"real ones for {', '.join(_ON_REAL_SERVERS)}; otherwise {local}"


if __name__ == "__main__":
    sys.exit(main())

"""What a process uses, from outside, and what it says of itself when asked."""

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any

__all__ = ["look_outside", "look_within"]

_PAUSE_SECONDS = 0.1
_ANSWER_SECONDS = 120.0


def look_outside(pid: int) -> dict[str, float]:
    """Memory in megabytes, file descriptors and threads, all from /proc."""
    folder = Path("/proc") / str(pid)
    memory = _facts(folder / "smaps_rollup")
    threads = _facts(folder / "status")["Threads"]
    return {
        "RSS MB": memory["Rss"] / 1024,
        "PSS MB": memory["Pss"] / 1024,
        "file descriptors": sum(1 for _ in (folder / "fd").iterdir()),
        "threads": threads,
    }


async def look_within(pid: int, report: Path) -> dict[str, Any]:
    """Ask the witness, and wait for its answer."""
    before = _lines(report)
    os.kill(pid, signal.SIGUSR2)
    async with asyncio.timeout(_ANSWER_SECONDS):
        while len(lines := _lines(report)) == len(before):
            await asyncio.sleep(_PAUSE_SECONDS)
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def _lines(report: Path) -> list[str]:
    """Whole lines alone."""
    text = report.read_text() if report.exists() else ""
    return text[: text.rfind("\n") + 1].splitlines()


def _facts(path: Path) -> dict[str, int]:
    pairs = (
        line.split(":", 1) for line in path.read_text().splitlines() if ":" in line
    )
    return {
        name: int(value.split()[0])
        for name, value in pairs
        if value.split() and value.split()[0].isdecimal()
    }

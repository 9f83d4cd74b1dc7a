"""Processes that are measured from outside: CPU and memory, from /proc."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

__all__ = ["Measured", "operator_environment", "python_path"]

_ROOT = Path(__file__).resolve().parents[3]
_PATHS = ("operator", "trainer", "deploy/local", "tests")
_TICKS = os.sysconf("SC_CLK_TCK")
_LAST_LINES = 20


def python_path() -> str:
    return os.pathsep.join(str(_ROOT / each) for each in _PATHS)


class Measured:
    """A Python module run as a process, from the block's start to its end."""

    def __init__(
        self, arguments: list[str], environment: Mapping[str, str], log: Path
    ) -> None:
        self._arguments = arguments
        self._environment = {**os.environ, "PYTHONPATH": python_path(), **environment}
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        with self._log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                *self._arguments,
                env=self._environment,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=output,
                limit=1 << 28,
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        process, self._process = self.process, None
        if process.returncode is not None:
            said = "\n".join(self._log.read_text().splitlines()[-_LAST_LINES:])
            raise AssertionError(f"{self._arguments[0]} ended by itself:\n{said}")
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()

    @property
    def process(self) -> asyncio.subprocess.Process:
        assert self._process is not None, "it is not running"
        return self._process

    def cpu_seconds(self) -> float:
        """What it has used so far, all threads, user and system."""
        stat = (Path("/proc") / str(self.process.pid) / "stat").read_text()
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def megabytes(self) -> dict[str, float]:
        """What it holds now, as PSS and RSS."""
        folder = Path("/proc") / str(self.process.pid)
        lines = (folder / "smaps_rollup").read_text().splitlines()
        facts = dict(line.split(":", 1) for line in lines if ":" in line)
        return {k.upper(): int(facts[k].split()[0]) / 1024 for k in ("Pss", "Rss")}

    def files(self) -> int:
        """How many file descriptors it has open."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))


def operator_environment(servers: Mapping[str, str]) -> dict[str, str]:
    """The operator's settings as it is installed: all namespaces, JSON logs."""
    with socket.socket() as probe:
        probe.bind(("", 0))
        port = str(probe.getsockname()[1])
    return {
        **servers,
        "MNIST_OPERATOR_HEALTH_PORT": port,
        "MNIST_OPERATOR_LOG_FORMAT": "json",
    }

"""The programs that are measured, each in a process of its own."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from bench.servers import ROOT, Servers

__all__ = ["Program", "operator"]

_PATHS = ("operator", "trainer", "deploy/local", "tests")


class Program:
    """A Python program beside the servers, from the block's start to its end."""

    def __init__(
        self, servers: Servers, name: str, module: str, environment: Mapping[str, str]
    ) -> None:
        self._log = servers.root / f"{name}.log"
        self._module = module
        self._environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(str(ROOT / each) for each in _PATHS),
            **servers.environment,
            **environment,
        }
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        with self._log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self._module,
                env=self._environment,
                stdout=output,
                stderr=output,
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        process, self._process = self._process, None
        assert process is not None
        if process.returncode is not None:
            said = "\n".join(self._log.read_text().splitlines()[-20:])
            raise AssertionError(f"{self._module} ended by itself:\n{said}")
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()

    def memory(self) -> dict[str, float]:
        """Megabytes in use now: PSS, where the kernel tells it, and RSS."""
        assert self._process is not None
        folder = Path("/proc") / str(self._process.pid)
        source = folder / "smaps_rollup"
        lines = (source if source.exists() else folder / "status").read_text()
        named = (line.split(":", 1) for line in lines.splitlines() if ":" in line)
        facts = {name.removeprefix("Vm").upper(): value for name, value in named}
        kept = {name: facts[name] for name in ("PSS", "RSS") if name in facts}
        return {name: int(value.split()[0]) / 1024 for name, value in kept.items()}


def operator(servers: Servers, namespaces: str) -> Program:
    """The operator as it is installed: its own defaults, one namespace."""
    with socket.socket() as probe:
        probe.bind(("", 0))
        port = probe.getsockname()[1]
    settings = {
        "MNIST_OPERATOR_HEALTH_PORT": str(port),
        "MNIST_OPERATOR_NAMESPACES": namespaces,
    }
    return Program(servers, "operator", "mnist_operator", settings)

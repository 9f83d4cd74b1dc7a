"""A local pachd in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from local_cluster.ports import HeldPort

__all__ = ["Process"]

_LOCAL = Path(__file__).resolve().parents[3] / "deploy" / "local"


class Process:
    """It can be killed for real, and starts again where it was."""

    def __init__(self, root: Path) -> None:
        self._ports = HeldPort(), HeldPort()
        grpc, s3 = (str(each.number) for each in self._ports)
        self._arguments = ["--root", str(root), "--grpc-port", grpc, "--s3-port", s3]
        self._environment = {**os.environ, "PYTHONPATH": str(_LOCAL)}
        self._process: subprocess.Popen[str] | None = None
        self.address = self.s3_endpoint = ""

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local_cluster.pachd", *self._arguments],
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        addresses = json.loads(self._process.stdout.readline())
        self.address = addresses["address"]
        self.s3_endpoint = addresses["s3_endpoint"]

    def kill(self) -> None:
        self._end(lambda process: process.kill())

    def stop(self) -> None:
        self._end(lambda process: process.terminate())

    def _end(self, how: Callable[[subprocess.Popen[str]], None]) -> None:
        process, self._process = self._process, None
        if process is not None:
            how(process)
            process.communicate(timeout=30)

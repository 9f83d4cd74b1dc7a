"""The servers of a benchmark, in a process of their own.

`python -m bench.servers` runs the API server and pachd of the local cluster, without
TFJob controller and node: a benchmark ends its TFJobs itself. It counts every call,
and tells so in one line of JSON for each line on its input. `Servers` starts it, or
takes the real servers that PACHD_ADDRESS, S3_ENDPOINT and KUBECONFIG name.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

import yaml

from bench.api import Api
from local_cluster.faults import Faults
from local_cluster.kube import KubeServer
from local_cluster.pachd import Pachd
from local_cluster.tfjobs import TFJOB_CRD
from mnist_operator.pachyderm import Connection, Pachyderm

__all__ = ["FINISH_SECONDS", "LISTING_SECONDS", "NAMESPACE", "Servers"]

ROOT = Path(__file__).resolve().parents[2]
NAMESPACE = "bench"
FINISH_SECONDS = 0.2
"""What the stand-in takes to finish a commit that was closed; pachd 2.11 took 0.15 to
0.3 s."""
LISTING_SECONDS = 0.01
"""What it takes for each commit listed or replayed, as pachd does."""
_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_NAMES = ("PACHD_ADDRESS", "S3_ENDPOINT", "KUBECONFIG")


class Servers:
    """Addresses and clients; the stand-ins end with the block."""

    def __init__(self, root: Path, *, real: bool = False, **pace: float) -> None:
        self.root = root
        self.real = real
        self.environment: dict[str, str] = {}
        self._pace = {
            "finish_seconds": FINISH_SECONDS,
            "commit_cost_seconds": LISTING_SECONDS,
            **pace,
        }
        self._process: asyncio.subprocess.Process | None = None
        self._stack = AsyncExitStack()

    @staticmethod
    def are_given() -> bool:
        """Whether the environment names real servers."""
        return all(name in os.environ for name in _NAMES)

    async def __aenter__(self) -> Self:
        self.root.mkdir(parents=True, exist_ok=True)
        async with AsyncExitStack() as stack:
            if self.real:
                self.environment = {name: os.environ[name] for name in _NAMES}
            else:
                self.environment = await self._start()
                stack.push_async_callback(self._stop)
            self.api = await stack.enter_async_context(
                Api(Path(self.environment["KUBECONFIG"]))
            )
            self.pachyderm = Pachyderm(Connection(self.environment["PACHD_ADDRESS"]))
            stack.push_async_callback(self.pachyderm.close)
            await self._install()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def calls(self) -> Counter[str]:
        """How often each call was made so far."""
        told = await self._ask(b"?\n")
        return Counter(told["calls"])

    async def done_at(self, call: str) -> float:
        """When the newest call of that name was done, by the servers' own clock."""
        told = await self._ask(b"?\n")
        return told["done"][call]

    async def quiet_since(self, seconds: float) -> float:
        """Wait until no call has moved for so long; return when the last one did."""
        while True:
            told = await self._ask(b"?\n")
            if time.time() - told["moved"] >= seconds:
                return told["moved"]
            await asyncio.sleep(0.05)

    async def _start(self) -> dict[str, str]:
        options = [f"--{k.replace('_', '-')}={v}" for k, v in self._pace.items()]
        command = [sys.executable, "-m", "bench.servers", f"--root={self.root}"]
        with (self.root / "servers.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                *options,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        return await self._ask(b"")

    async def _ask(self, line: bytes) -> dict[str, Any]:
        process = self._process
        assert process is not None, "only the stand-ins count"
        assert process.stdin
        assert process.stdout
        process.stdin.write(line)
        answer = await asyncio.wait_for(process.stdout.readline(), 60)
        return json.loads(answer)

    async def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()
            await process.wait()

    async def _install(self) -> None:
        crd = yaml.safe_load((ROOT / "crds" / "mnisttraining.yaml").read_text())
        await self.api.ensure(_DEFINITIONS, crd)
        if not self.real:
            await self.api.ensure(_DEFINITIONS, TFJOB_CRD)
        namespace = {"metadata": {"name": NAMESPACE}}
        await self.api.ensure("/api/v1/namespaces", namespace)


class _Tally(Faults):
    """Counts calls where a test would order them to fail."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()
        self.done: dict[str, float] = {}
        self.moved = time.time()

    async def before(self, call: str) -> None:
        if not call.startswith("kube.event."):
            self.calls[call] += 1
        self.moved = time.time()

    async def after(self, call: str) -> None:
        self.moved = self.done[call] = time.time()


async def _serve(root: Path, **pace: float) -> None:
    tally = _Tally()
    pachd = Pachd(root / "pachd", faults=tally, **pace)
    kube = KubeServer(root / "kube", faults=tally)
    async with pachd, kube:
        kubeconfig = kube.write_kubeconfig(root / "kubeconfig")
        ready = {
            "PACHD_ADDRESS": pachd.address,
            "S3_ENDPOINT": pachd.s3_endpoint,
            "KUBECONFIG": str(kubeconfig),
        }
        print(json.dumps(ready), flush=True)
        lines = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(lines)
        await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
        while await lines.readline():
            told = {"calls": tally.calls, "done": tally.done, "moved": tally.moved}
            print(json.dumps(told), flush=True)


def _main() -> None:
    parser = argparse.ArgumentParser(prog="bench.servers")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--finish-seconds", type=float, required=True)
    parser.add_argument("--commit-cost-seconds", type=float, required=True)
    arguments = vars(parser.parse_args())
    # Ctrl-C is for the benchmark, which then closes our input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(_serve(**arguments))


if __name__ == "__main__":
    _main()

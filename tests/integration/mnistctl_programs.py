"""mnistctl as a program of its own: to its end, or followed line by line."""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from integration.forks import fork_context
from integration.mnistctl_launch import launch

DEADLINE_SECONDS = 60


@dataclass
class Answer:
    status: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


async def run_mnistctl(*arguments, **env):
    """Run it to its end, from the start of an interpreter on."""
    async with Program(*arguments, **env) as process:
        return await process.end()


async def fork_mnistctl(*arguments, **env):
    """The same, without the wait for its imports."""
    async with Running(*arguments, **env) as process:
        return await process.end()


class Running:
    """mnistctl as its user started it; nothing of ours leaks in."""

    def __init__(self, *arguments, folder=os.curdir, **env):
        self._arguments = arguments
        self._folder = str(folder)
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH") or os.pathsep.join(sys.path),
            "HOME": "/nonexistent",
            **env,
        }
        self._lines = {"stdout": [], "stderr": []}

    async def _start(self):
        context = fork_context()
        pipes = [context.Pipe(duplex=False) for _ in self._lines]
        ends = [sender for _, sender in pipes]
        self._process = context.Process(
            target=launch,
            args=(self._arguments, self._environment, *ends, self._folder),
            daemon=True,
        )
        self._process.start()
        for end in ends:
            end.close()
        self._transports, readers = [], []
        for receiver, _ in pipes:
            reader = asyncio.StreamReader()
            transport, _ = await asyncio.get_running_loop().connect_read_pipe(
                partial(asyncio.StreamReaderProtocol, reader), receiver
            )
            self._transports.append(transport)
            readers.append(reader)
        return readers

    async def _status(self):
        await asyncio.to_thread(self._process.join)
        return self._process.exitcode

    async def _stop(self):
        self._process.kill()
        await self._status()
        self._process.close()
        for transport in self._transports:
            transport.close()

    async def __aenter__(self):
        self._streams = dict(zip(self._lines, await self._start(), strict=True))
        return self

    async def __aexit__(self, *_):
        await self._stop()

    async def line(self, part, stream="stdout"):
        """Wait for a line with this in it, which may have come already."""
        lines = self._lines[stream]
        found = [line for line in lines if part in line]
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not found:
                line = await self._streams[stream].readline()
                assert line, f"it ended without {part!r}: {self._lines}"
                lines.append(line.decode())
                found = [line for line in lines[-1:] if part in line]
        return found[0]

    def stop_reading(self):
        """End as `head` does, once it has its lines."""
        self._transports[0].close()

    def interrupt(self):
        """Press Ctrl-C."""
        os.kill(self._process.pid, signal.SIGINT)

    async def end(self):
        """Wait until it has ended by itself."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            rests = [each.read() for each in self._streams.values()]
            out, err = await asyncio.gather(*rests)
            status = await self._status()
        told = ["".join(lines) for lines in self._lines.values()]
        return Answer(status, told[0] + out.decode(), told[1] + err.decode())


class Program(Running):
    """The same, with an interpreter of its own."""

    async def _start(self):
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "mnist_operator.cli",
            *self._arguments,
            env=self._environment,
            cwd=self._folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        return self._process.stdout, self._process.stderr

    async def _status(self):
        return await self._process.wait()

    async def _stop(self):
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.communicate()

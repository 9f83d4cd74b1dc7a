"""Starts the programs that the demo is made of, and never leaves one behind.

Each part is a process group of its own with a log file, so that Ctrl-C reaches the
demo alone, which then stops the parts in reverse order.
"""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Part", "PartError", "Parts", "stop_recorded"]

_STOP_SECONDS = 10
"""The operator and the local cluster both stop within a second when all is well."""
_LOG_LINES = 15


class PartError(Exception):
    """A part of the demo failed; carries the last lines that it logged."""

    def __init__(self, message: str, lines: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Part:
    """One running program."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        """Raise when the program has ended."""
        status = self.process.poll()
        if status is not None:
            raise PartError(f"{self.name} ended with status {status}", self.tail())

    def tail(self) -> list[str]:
        """The last lines that it wrote."""
        return self.log.read_text(errors="replace").splitlines()[-_LOG_LINES:]

    def stop(self) -> None:
        """Ask its process group to end, and insist after a while."""
        _signal(self.process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_STOP_SECONDS)
        _signal(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Parts:
    """All parts that were started, in order."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts: list[Part] = []
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> Part:
        """Start a program; its output goes to a log file named after it."""
        log = self._folder / f"{name.replace(' ', '-')}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                env={**os.environ, **env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        part = Part(name, process, log)
        self._parts.append(part)
        return part

    def check(self) -> None:
        """Raise when any part has ended."""
        for part in self._parts:
            part.check()

    def tails(self) -> list[tuple[str, list[str]]]:
        """The last lines of every part, for a failure that none of them admits."""
        return [(part.name, part.tail()) for part in self._parts]

    def stop(self) -> None:
        """Stop everything, the last one first."""
        while self._parts:
            self._parts.pop().stop()

    def keep(self, record: Path) -> None:
        """Leave everything running, and write down what `stop_recorded` needs."""
        groups = {part.name: part.process.pid for part in self._parts}
        record.write_text(json.dumps(groups))
        self._parts.clear()


def stop_recorded(record: Path) -> list[str]:
    """Stop what an earlier demo left running; the names of what was stopped."""
    if not record.exists():
        return []
    groups = {
        name: group
        for name, group in json.loads(record.read_text()).items()
        if _is_ours(group)
    }
    for group in reversed(groups.values()):
        _signal(group, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while any(map(_is_ours, groups.values())) and time.monotonic() < deadline:
        time.sleep(0.1)
    for group in filter(_is_ours, groups.values()):
        _signal(group, signal.SIGKILL)
    record.unlink()
    return list(groups)


def _is_ours(process: int) -> bool:
    """Whether a recorded number is still our program: numbers are used again."""
    command = _command(process)
    return any(name in command for name in ("local_cluster", "mnist_operator"))


def _command(process: int) -> str:
    """The command line of a process; empty when it is gone."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{process}/cmdline").read_text(errors="replace")
        except OSError:
            return ""
    shown = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(process)],
        check=False,
        capture_output=True,
        text=True,
    )
    return shown.stdout


def _signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)

"""A container as a local process group: started, watched, stopped, found again."""

import asyncio
import json
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Process", "kill_orphans"]

_RECORD = "process.json"
_SPAWN_FAILED = 128


@dataclass(slots=True)
class Process:
    """One running container."""

    _process: asyncio.subprocess.Process
    _record: Path

    @classmethod
    async def start(
        cls, command: Sequence[str], env: Mapping[str, str], folder: Path, log: Path
    ) -> "Process":
        """Start a command in its own process group and folder.

        Raises:
            OSError: when there is no such program.
        """
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=folder,
                env=dict(env),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        record = folder / _RECORD
        born = _born(process.pid)
        record.write_text(json.dumps({"pid": process.pid, "born": born}))
        return cls(process, record)

    async def wait(self) -> int:
        """Wait for its end; return the exit code as a container runtime does."""
        code = await self._process.wait()
        self._record.unlink(missing_ok=True)
        # What it started and left behind ends with it, as in a container.
        self.signal(signal.SIGKILL)
        return code if code >= 0 else _SPAWN_FAILED - code

    def signal(self, number: int) -> None:
        """Signal the whole group."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


def kill_orphans(root: Path) -> None:
    """Kill what an earlier node left running under this folder."""
    for record in root.glob(f"**/{_RECORD}"):
        with suppress(ValueError, OSError):
            known = json.loads(record.read_text())
            if _born(known["pid"]) == known["born"]:
                os.killpg(known["pid"], signal.SIGKILL)
        record.unlink(missing_ok=True)


def _born(pid: int) -> str | None:
    """Return when a process started: with its number, this names it for good."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return None
    return text.rpartition(")")[2].split()[19]

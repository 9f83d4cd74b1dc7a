"""A terminal: one bash that goes on from block to block, as that of a reader does."""

import asyncio
import os
import shlex
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Self

__all__ = ["DEADLINE_SECONDS", "Terminal", "write_program"]

DEADLINE_SECONDS = 300.0
_MARK = "--- end of block"
_LINE_BYTES = 1 << 20
_BEGIN = "shopt -s expand_aliases\nset -m\n"
"""Aliases as at a prompt, and Ctrl-C for what runs in the background."""


class Terminal:
    """Types blocks of commands, and reads what they print; nothing of ours leaks in."""

    def __init__(self, folder: Path, programs: Path, **environment: str) -> None:
        self._folder = folder
        self._environment = {
            "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
            "HOME": str(folder),
            **environment,
        }
        self._blocks = 0

    async def __aenter__(self) -> Self:
        with _hearing_ctrl_c():
            self._bash = await asyncio.create_subprocess_exec(
                *("bash", "--norc", "--noprofile"),
                cwd=self._folder,
                env=self._environment,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
                limit=_LINE_BYTES,
            )
        self._type(_BEGIN)
        return self

    async def __aexit__(self, *_: object) -> None:
        for group in {self._bash.pid, *self._jobs()}:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        await self._bash.communicate()

    async def run(
        self, text: str, *, status: int = 0, seconds: float = DEADLINE_SECONDS
    ) -> str:
        """All that a block prints; a command that fails ends it."""
        self._type(f"(set -e; {self._source(text)})\n" if status else self._kept(text))
        self._type(f'printf "\\n{_MARK} %s\\n" "$?"\n')
        told, end = await self._read(_MARK, seconds)
        assert f"{_MARK} {status}" == end, f"{text}\n{told}{end}"
        return told.rstrip("\n")

    async def watch(self, text: str, awaited: str) -> str:
        """What a block prints that does not end, up to this; then Ctrl-C is pressed."""
        async with self.going(text, awaited) as told:
            return told

    @asynccontextmanager
    async def going(self, text: str, awaited: str = "") -> AsyncIterator[str]:
        """What a block prints that does not end, up to this; later Ctrl-C is pressed.

        Where nothing is awaited, it may print nothing.
        """
        self._type(f"{self._source(text)} &\n")
        seen = await self._read(awaited, DEADLINE_SECONDS) if awaited else ("", "")
        yield "".join(seen)
        self._type(f'kill -INT %%\nwait %% || true\nprintf "\\n{_MARK}\\n"\n')
        await self._read(_MARK, DEADLINE_SECONDS)

    def _kept(self, text: str) -> str:
        """In this very shell, so that what it exports and names stays."""
        return f"set -e\n{self._source(text)}\nset +e\n"

    def _source(self, text: str) -> str:
        self._blocks += 1
        script = self._folder / f".block-{self._blocks}.sh"
        script.write_text(text)
        return f"source {shlex.quote(str(script))} </dev/null"

    def _type(self, text: str) -> None:
        assert self._bash.stdin is not None
        self._bash.stdin.write(text.encode())

    async def _read(self, awaited: str, seconds: float) -> tuple[str, str]:
        assert self._bash.stdout is not None
        told: list[str] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while line := (await self._bash.stdout.readline()).decode():
                    if awaited in line:
                        return "".join(told), line.rstrip("\n")
                    told.append(line)
        raise AssertionError(f"{awaited!r} never came:\n{''.join(told)}")

    def _jobs(self) -> set[int]:
        """The process groups of its children."""
        children = Path(f"/proc/{self._bash.pid}/task/{self._bash.pid}/children")
        with suppress(OSError):
            return {int(each) for each in children.read_text().split()}
        return set()


@contextmanager
def _hearing_ctrl_c() -> Iterator[None]:
    """What is started meanwhile hears it, also where the tests run in the background.

    There SIGINT is ignored, and so it is in every program that they start.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def write_program(folder: Path, name: str, *command: str, **environment: str) -> None:
    """A program of this name, for a folder on the PATH."""
    folder.mkdir(exist_ok=True)
    given = [f"{key}={shlex.quote(value)}" for key, value in environment.items()]
    words = " ".join([*given, "exec", shlex.join(command), '"$@"'])
    (folder / name).write_text(f"#!/bin/sh\n{words}\n")
    (folder / name).chmod(0o755)

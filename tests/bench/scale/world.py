"""Both stand-ins over one folder of state, and what is asked of them."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from bench.scale.processes import Measured, operator_environment
from bench.scale.tally import is_feed

__all__ = ["Tally", "World", "say"]

_ANSWER_SECONDS = 300
_PAUSE_SECONDS = 0.25


def say(text: str) -> None:
    """Tell how far it is: a run takes half an hour."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


@dataclass(frozen=True, slots=True)
class Tally:
    """Calls so far, and when the newest was made that no feed made."""

    calls: Counter[str]
    moved: float

    def beyond_feeds(self) -> Counter[str]:
        return Counter({k: n for k, n in self.calls.items() if not is_feed(k)})


class World:
    """The servers, from the block's start to its end; the folder outlives them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment: dict[str, str] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self.kube = await self._start(stack, "kube")
            self.pachd = await self._start(stack, "pachd")
            environment = await self._read(self.kube) | await self._read(self.pachd)
            environment["S3_ENDPOINT"] = environment.pop("S3")
            self.environment = environment
            await self.ask_kube(pachd=environment["PACHD_ADDRESS"])
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def operator(self) -> Measured:
        """The operator, as `python -m mnist_operator`; not yet started."""
        environment = operator_environment(self.environment)
        return Measured(["mnist_operator"], environment, self.root / "operator.log")

    async def ask_kube(self, **question: Any) -> Any:
        return await _ask(self.kube, question)

    async def ask_pachd(self, **question: Any) -> Any:
        return await _ask(self.pachd, question)

    async def tally(self) -> Tally:
        """The calls to both."""
        told = [await self.ask_kube(), await self.ask_pachd()]
        calls: Counter[str] = Counter()
        for each in told:
            calls.update(each["calls"])
        return Tally(calls, max(each["moved"] for each in told))

    async def until_written(
        self, keys: Iterable[tuple[str, str]], *, seconds: float = 1800
    ) -> None:
        """Wait until each of these trainings has a status."""
        wanted = [list(key) for key in keys]
        async with asyncio.timeout(seconds):
            while await self.ask_kube(unwritten=wanted):
                await asyncio.sleep(_PAUSE_SECONDS)

    async def until_trained(
        self, wanted: list[list[str]], *, seconds: float = 1800
    ) -> None:
        """Wait until each training (namespace, name, commit) shows its model."""
        async with asyncio.timeout(seconds):
            while await self.ask_kube(trained=wanted) < len(wanted):
                await asyncio.sleep(_PAUSE_SECONDS)

    async def until_quiet(self, quiet: float, *, seconds: float = 1800) -> float:
        """Wait until nobody but feeds asked anything for so long; return since when."""
        async with asyncio.timeout(seconds):
            while time.time() - (moved := (await self.tally()).moved) < quiet:
                await asyncio.sleep(_PAUSE_SECONDS)
        return moved

    async def _start(self, stack: AsyncExitStack, name: str) -> Measured:
        folder = self.root / name
        folder.mkdir(parents=True, exist_ok=True)
        command = ["bench.scale.standins", name, str(folder)]
        process = Measured(command, {}, self.root / f"{name}.log")
        return await stack.enter_async_context(process)

    async def _read(self, process: Measured) -> dict[str, str]:
        output = process.process.stdout
        assert output is not None
        line = await asyncio.wait_for(output.readline(), _ANSWER_SECONDS)
        return dict(json.loads(line or b"{}"))


async def _ask(process: Measured, question: dict[str, Any]) -> Any:
    stdin, stdout = process.process.stdin, process.process.stdout
    assert stdin is not None
    assert stdout is not None
    stdin.write(json.dumps(question).encode() + b"\n")
    line = await asyncio.wait_for(stdout.readline(), _ANSWER_SECONDS)
    return json.loads(line)

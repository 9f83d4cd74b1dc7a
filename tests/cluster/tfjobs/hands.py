"""The hands that move the pods of a world without a node.

Where a trainer has to run it is the tiny one, told what the pod's container is told.
"""

import asyncio
from asyncio.subprocess import DEVNULL, Process
from contextlib import AsyncExitStack, suppress
from typing import Self

from cluster.tfjobs.pods import Pod
from cluster.worlds import RealWorld
from integration.world import IMAGE, IMAGES, until
from mnist_operator.tfjob import ATTEMPT_LABEL, COMMIT_LABEL

__all__ = ["Hands"]


class Hands:
    """Find the pods that the TFJob controller makes, and run their trainers."""

    def __init__(self, world: RealWorld) -> None:
        self._world = world
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def pods(self, commit: str, attempt: int = 1) -> list[Pod]:
        """The pods of an attempt, as they are now."""
        kube, path = self._world.kube, self._world.core("pods")
        chosen = f"{COMMIT_LABEL}={commit},{ATTEMPT_LABEL}={attempt}"
        found = await kube.call("GET", path, labelSelector=chosen)
        return [
            Pod(kube, f"{path}/{each['metadata']['name']}", each)
            for each in found["items"]
        ]

    async def pod(self, commit: str, attempt: int = 1, *, after: str = "") -> Pod:
        """Wait for the pod of an attempt; `after`: for the one that follows this."""

        async def look() -> list[Pod]:
            found = await self.pods(commit, attempt)
            return [each for each in found if each.uid != after]

        found: list[Pod] = await until(look, f"attempt {attempt} for {commit}")
        (pod,) = found
        return pod

    async def leave(self, commit: str, attempt: int = 1) -> None:
        """Wait until somebody has asked for the end of an attempt's pod."""

        async def look() -> bool:
            found = await self.pods(commit, attempt)
            return any(each.state.endswith("deleting") for each in found)

        await until(look, f"the end of attempt {attempt} for {commit}")

    async def start(self, pod: Pod) -> Process:
        """Start the trainer of a pod; it ends with the test."""
        words = str(self._world.folder / pod.uid)
        process = await asyncio.create_subprocess_exec(
            *IMAGES[IMAGE].entrypoint,
            env={**pod.environment, "TERMINATION_MESSAGE_PATH": words},
            stdout=DEVNULL,
            stderr=DEVNULL,
        )
        self._stack.push_async_callback(_end, process)
        return process

    async def work(self, pod: Pod) -> None:
        """Let the trainer of a pod do all of its work."""
        process = await self.start(pod)
        assert 0 == await process.wait()

    async def train(self, commit: str, attempt: int = 1) -> Pod:
        """See an attempt through to its good end."""
        pod = await self.pod(commit, attempt)
        await pod.run()
        await self.work(pod)
        await pod.end(0)
        return pod


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()

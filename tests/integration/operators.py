"""The operator in a world: the real one, with the real kopf.

In the test's own process; or as a process of its own where a test wants to kill it.
"""

import asyncio
import os
import signal
import sys
import tempfile
import threading
from contextlib import suppress
from functools import partial
from typing import Any, Self

from integration.world import DEADLINE_SECONDS, ROOT, World
from mnist_operator.__main__ import serve


class InProcess:
    """The operator in a thread with a loop of its own.

    Not in the test's loop: kopf cancels every task there that began after it.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._stop = threading.Event()
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Run until stopped."""
        self._stop = threading.Event()
        run = partial(asyncio.run, self._serve(self._stop))
        self._running = asyncio.create_task(asyncio.to_thread(run))

    async def _serve(self, stop: threading.Event) -> None:
        await serve(self._world.settings, stop)
        await hang_up()

    async def stop(self) -> None:
        """Stop as on SIGTERM; what failed in it fails the test."""
        self._stop.set()
        running, self._running = self._running, None
        if running is not None:
            await running

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


async def hang_up() -> None:
    """Let connections with TLS come to their end before their loop does.

    Nobody waits for the last words of kopf's watches: a process just ends.
    """
    known = asyncio.get_running_loop()._transports  # type: ignore[attr-defined]
    async with asyncio.timeout(DEADLINE_SECONDS):
        while any(map(_is_leaving, list(known.values()))):
            await asyncio.sleep(0.01)


def _is_leaving(transport: Any) -> bool:
    """Whether it was closed, and still waits: with TLS that is for an answer, too."""
    state = getattr(getattr(transport._protocol, "_state", None), "name", "")
    closed = transport._closing or state in {"FLUSHING", "SHUTDOWN"}
    return bool(closed and transport._sock is not None)


class Process:
    """The operator as a process, which can be killed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._process: asyncio.subprocess.Process | None = None
        self.log = world.folder / "operator.log"

    @property
    def environment(self) -> dict[str, str]:
        """The settings, as a pod gets them."""
        settings = self._world.settings
        return {
            "PYTHONPATH": str(ROOT / "operator"),
            "PACHD_ADDRESS": settings.pachd_address,
            "S3_ENDPOINT": settings.s3_endpoint,
            "TRAINER_IMAGE": settings.trainer_image,
            "KUBECONFIG": str(settings.kubeconfig),
            "MNIST_OPERATOR_HEALTH_PORT": "0",
            "MNIST_OPERATOR_POLL_SECONDS": str(settings.poll_seconds),
            "MNIST_OPERATOR_RESYNC_SECONDS": str(settings.resync_seconds),
        }

    async def start(self) -> None:
        """Start `python -m mnist_operator`."""
        with self.log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "mnist_operator",
                env={**os.environ, **self.environment},
                cwd=tempfile.gettempdir(),
                stdout=output,
                stderr=output,
            )

    async def kill(self) -> None:
        """kill -9: nothing of it gets to run any more."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Stop as a rollout does."""
        await self._end(signal.SIGTERM)

    async def _end(self, number: int) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.send_signal(number)
            await process.wait()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

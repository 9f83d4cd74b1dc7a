"""Operators as processes with wires of their own, killed, stopped and let go on."""

import os
import signal
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from integration.crash.forked import ForkedProcess
from integration.crash.holds import Holds
from integration.crash.wires import KubeWire, PachdWire
from integration.pushes import until

__all__ = ["Ground", "Operator"]

_FAULTS = "internal error", "Traceback", "never retrieved"


@dataclass(frozen=True, slots=True)
class Ground:
    """Where operators are to work, and how they reach it."""

    folder: Path
    namespace: str
    pachd_address: str
    s3_endpoint: str
    kube_url: str
    kubeconfig: Path
    """One that names `kube_url`."""
    kube_ca: Path | None = None
    settings: dict[str, str] = field(default_factory=dict)


class Operator(ForkedProcess):
    """One operator, with wires of its own to the servers unless it shall have none."""

    def __init__(
        self, ground: Ground, name: str = "operator", *, wired: bool = True
    ) -> None:
        self._ground = ground
        self._wired = wired
        self.name = name
        self.log = ground.folder / f"{name}.log"
        self.holds = Holds()
        self._stack = AsyncExitStack()
        self._addresses: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        """Lay the wires; the operator itself is started by `start`."""
        if not self._wired:
            return self
        ground = self._ground
        pachd = await self._stack.enter_async_context(
            PachdWire(self.holds, ground.pachd_address)
        )
        kube = await self._stack.enter_async_context(
            KubeWire(self.holds, ground.kube_url, ground.kube_ca)
        )
        kubeconfig = ground.folder / f"{self.name}.kubeconfig"
        text = ground.kubeconfig.read_text().replace(ground.kube_url, kube.url)
        kubeconfig.write_text(text)
        self._addresses = {
            "PACHD_ADDRESS": pachd.address,
            "KUBECONFIG": str(kubeconfig),
        }
        return self

    async def __aexit__(self, *_: object) -> None:
        self.resume()
        await self.kill()
        await self._stack.aclose()

    @property
    def environment(self) -> dict[str, str]:
        """The settings, as a pod gets them."""
        return {
            "PACHD_ADDRESS": self._ground.pachd_address,
            "KUBECONFIG": str(self._ground.kubeconfig),
            "S3_ENDPOINT": self._ground.s3_endpoint,
            "TRAINER_IMAGE": "tiny/trainer:1",
            "MNIST_OPERATOR_NAMESPACES": self._ground.namespace,
            "MNIST_OPERATOR_LEASE_NAMESPACE": self._ground.namespace,
            "MNIST_OPERATOR_HEALTH_PORT": "0",
            "MNIST_OPERATOR_POLL_SECONDS": "2",
            "MNIST_OPERATOR_RESYNC_SECONDS": "10",
            "POD_NAME": self.name,
            **self._addresses,
            **self._ground.settings,
        }

    @property
    def runs(self) -> bool:
        """Whether the process is there."""
        return self._forked is not None and self._forked.is_alive()

    def signal(self, number: int) -> None:
        """Send a signal, if there is somebody to hear it."""
        if self._forked is not None and self._forked.pid is not None and self.runs:
            os.kill(self._forked.pid, number)

    def resume(self) -> None:
        """Let it go on after SIGSTOP."""
        self.signal(signal.SIGCONT)

    async def ends(self) -> int | None:
        """Wait for the end of the process; its exit status."""
        forked = self._forked
        assert forked is not None

        async def over() -> bool:
            return not forked.is_alive()

        await until(over, f"the end of {self.name}")
        status = forked.exitcode
        await self.kill()
        return status

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-2000:]

    def complaints(self) -> list[str]:
        """What its log says of faults of its own."""
        if not self.log.is_file():
            return []
        lines = self.log.read_text(errors="replace").splitlines()
        return [each for each in lines if any(word in each for word in _FAULTS)]

"""The operator as a process, begun by one of the programs beside this."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from integration.operators import Process
from local_cluster.ports import HeldPort

__all__ = ["Launched"]

_HERE = Path(__file__).parent


class Launched(Process):
    """A process of a program here; settings are environment variables."""

    def __init__(self, world, program, **settings):
        super().__init__(world)
        self.log = world.folder / f"{program}.log"
        self._port = HeldPort()
        self.health = f"http://127.0.0.1:{self._port.number}"
        self._program = program
        self._settings = settings

    @property
    def environment(self):
        return {
            **super().environment,
            "MNIST_OPERATOR_NAMESPACES": self._world.namespace,
            "MNIST_OPERATOR_HEALTH_PORT": self.health.rpartition(":")[2],
            **self._settings,
        }

    async def start(self):
        """Start it; a variable that is set to nothing is taken away."""
        wanted = {**os.environ, **self.environment}
        with self.log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                str(_HERE / f"{self._program}.py"),
                env={name: value for name, value in wanted.items() if value},
                cwd=tempfile.gettempdir(),
                stdout=output,
                stderr=output,
            )

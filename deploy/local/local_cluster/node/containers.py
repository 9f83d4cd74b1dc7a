"""Runs one container: sets it up, starts it, waits for it, reads its last words."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from local_cluster.kube.values import Json
from local_cluster.node import podstatus
from local_cluster.node.environment import Lookup, command_of, mount, variables
from local_cluster.node.images import Image
from local_cluster.node.logs import tail
from local_cluster.node.processes import Process

__all__ = ["Container"]

_MESSAGE_BYTES = 4096
_LOG_MESSAGE_BYTES = 2048
_LOG_MESSAGE_LINES = 80
_NOT_STARTED = 128


@dataclass(slots=True)
class Container:
    """One container of a pod on this node."""

    spec: Json
    pod: Json
    folder: Path
    state: podstatus.ContainerState
    find: Callable[[str], str] = str
    """Turns the names of other pods in a text into where they are."""
    killed_for: str = ""
    """The reason that a test gave for killing it, such as OOMKilled."""
    dismissed: bool = False
    """Whether it was told to end because those it ran beside have ended."""

    _process: Process | None = field(default=None)

    @property
    def log(self) -> Path:
        """The log of the current start."""
        return self.folder / f"{self.state.restarts}.log"

    @property
    def is_running(self) -> bool:
        """Whether it may still write."""
        return self._process is not None

    def signal(self, number: int) -> None:
        """Signal its processes, if there are any."""
        if self._process is not None:
            self._process.signal(number)

    async def start(self, image: Image, look_up: Lookup) -> None:
        """Start it once; a program that is not there ends it at once.

        Raises:
            SetupError: while something that it refers to does not exist.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        mounts = mount(self.pod, self.spec, self._place, look_up)
        given = variables(self.pod, self.spec, image, mounts, look_up)
        env = self._base() | {name: self.find(text) for name, text in given.items()}
        env["TERMINATION_MESSAGE_PATH"] = str(self._last_words)
        self._last_words.unlink(missing_ok=True)
        command = command_of(self.spec, image, env, mounts)
        self.state.image_id = image.reference(self.spec["image"])
        now = datetime.now(UTC)
        try:
            self._process = await Process.start(command, env, self.folder, self.log)
        except OSError as error:
            told = f"failed to start: {error}"
            self.state.state = podstatus.terminated(
                _NOT_STARTED, "StartError", told, now, now
            )
        else:
            self.state.state = podstatus.running(now)

    async def wait(self) -> int:
        """Wait for its end and return the exit code."""
        if self._process is None:
            return self.state.exit_code or 0
        started = datetime.fromisoformat(self.state.state["running"]["startedAt"])
        code = await self._process.wait()
        self._process = None
        self.state.state = podstatus.terminated(
            code, self.killed_for, self._message(code), started, datetime.now(UTC)
        )
        self.killed_for = ""
        return code

    def next(self, reason: str) -> None:
        """Get ready to be started again."""
        self.state.last_state = self.state.state
        self.state.state = podstatus.waiting(reason)
        self.state.restarts += 1

    @property
    def _last_words(self) -> Path:
        return self.folder / "termination-log"

    def _base(self) -> dict[str, str]:
        scratch = self.folder / "tmp"
        scratch.mkdir(exist_ok=True)
        host = self.pod["metadata"]["name"]
        return {"HOME": str(self.folder), "TMPDIR": str(scratch), "HOSTNAME": host}

    def _place(self, volume: Json) -> Path:
        """A folder of the pod, or one that outlives it."""
        claim = volume.get("persistentVolumeClaim")
        if claim:
            root, namespace = self.folder.parents[2], self.pod["metadata"]["namespace"]
            return root / "claims" / str(namespace) / str(claim["claimName"])
        return self.folder.parent / "volumes" / str(volume["name"])

    def _message(self, code: int) -> str:
        if self._last_words.exists():
            content = self._last_words.read_bytes()[:_MESSAGE_BYTES]
            if content:
                return content.decode(errors="replace")
        policy = self.spec.get("terminationMessagePolicy")
        if policy == "FallbackToLogsOnError" and code != 0:
            content = tail(self.log.read_bytes(), _LOG_MESSAGE_LINES)
            return content[-_LOG_MESSAGE_BYTES:].decode(errors="replace")
        return ""

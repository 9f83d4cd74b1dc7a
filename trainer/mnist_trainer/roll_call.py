"""For finding all workers of a training before TensorFlow is asked to connect them.

TensorFlow waits in C++ for a peer that never comes, deaf to SIGTERM, and no alarm can
end it either: a container's first process is spared the signals that it does not
handle.
So they meet in plain sockets before: each reports to number 0, at the address at which
TensorFlow will listen a moment later, and hears whether all have come and are about to
do the same.
"""

import contextlib
import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mnist_trainer.errors import ConfigError, PeerLostError
from mnist_trainer.workers import Workers

__all__ = ["call_roll"]

_AGAIN: Final = 0.2
"""Seconds after which a worker looks again for number 0."""

_PROMPTLY: Final = 5.0
"""Seconds in which a connection is made, and who made it has to say who it is."""

_LONGEST: Final = 4096
"""Bytes of a line."""

_GO: Final[Mapping[str, Any]] = {"go": True}


@dataclass(frozen=True, slots=True)
class _Deadline:
    """When patience ends."""

    at: float

    @property
    def left(self) -> float:
        """Seconds; never none, which a socket would take for "do not wait"."""
        return max(0.001, self.at - time.monotonic())

    @property
    def over(self) -> bool:
        return time.monotonic() >= self.at


def call_roll(workers: Workers, about: Mapping[str, str]) -> None:
    """Wait until all workers have come, and make sure that they belong together.

    Args:
        workers: who there is, and for how long to wait.
        about: what all must have in common, by names that a refusal tells.

    Raises:
        ConfigError: this process and another are about to do different things.
        PeerLostError: somebody did not come.

    """
    deadline = _Deadline(time.monotonic() + workers.patience)
    if workers.number:
        _report(workers, about, deadline)
    else:
        _receive(workers, about, deadline)


def _receive(workers: Workers, about: Mapping[str, str], deadline: _Deadline) -> None:
    present: dict[int, tuple[socket.socket, Any]] = {}
    with contextlib.ExitStack() as closing, _listen(workers) as listener:
        while len(present) < workers.count - 1:
            connection = _accept(listener, deadline)
            if connection is None:
                raise _missing(workers, present)
            closing.enter_context(connection)
            told = _read(connection, min(_PROMPTLY, deadline.left)) or {}
            number = told.get("number")
            # Who has gone meanwhile may come again, as a container that restarts.
            present = {n: one for n, one in present.items() if _is_there(one[0])}
            if isinstance(number, int) and 0 < number < workers.count:
                present[number] = connection, told.get("about")
        refusal = _compare(about, {n: given for n, (_, given) in present.items()})
        answer = {"refusal": refusal} if refusal else _GO
        for connection, _ in present.values():
            with contextlib.suppress(OSError):
                _write(connection, answer)
        if refusal:
            raise ConfigError(refusal)


def _report(workers: Workers, about: Mapping[str, str], deadline: _Deadline) -> None:
    words = {"number": workers.number, "about": dict(about)}
    while not deadline.over:
        answer = _ask(workers.addresses[0], words, deadline)
        if answer.get("go"):
            return
        if refusal := answer.get("refusal"):
            raise ConfigError(str(refusal))
        time.sleep(_AGAIN)
    raise PeerLostError(
        f"worker 0 at {workers.addresses[0]} did not call within "
        f"{workers.patience:.0f} s: see what became of its pod or of another worker's, "
        "or raise TRAINER_PEERS_TIMEOUT_SECONDS"
    )


def _ask(
    address: str, words: Mapping[str, Any], deadline: _Deadline
) -> Mapping[str, Any]:
    """Say who we are; the answer is empty as long as there is nobody to give one."""
    try:
        with socket.create_connection(
            _split(address), min(_PROMPTLY, deadline.left)
        ) as connection:
            _write(connection, words)
            return _read(connection, deadline.left) or {}
    except OSError:
        # Also of a name that the cluster's DNS does not have yet.
        return {}


def _listen(workers: Workers) -> socket.socket:
    _, port = _split(workers.addresses[0])
    both = socket.has_dualstack_ipv6()
    try:
        return socket.create_server(
            ("", port),
            family=socket.AF_INET6 if both else socket.AF_INET,
            backlog=workers.count,
            dualstack_ipv6=both,
        )
    except OSError as error:
        raise ConfigError(
            f"TF_CONFIG gives this process port {port}, which cannot be listened at "
            f"({error.strerror}): give each worker a port of its own"
        ) from error


def _accept(listener: socket.socket, deadline: _Deadline) -> socket.socket | None:
    listener.settimeout(deadline.left)
    try:
        return listener.accept()[0]
    except TimeoutError:
        return None


def _read(connection: socket.socket, seconds: float) -> Any:
    """Read one line of JSON; nothing, from whoever speaks otherwise or not at all."""
    connection.settimeout(seconds)
    try:
        with connection.makefile("rb") as file:
            told = json.loads(file.readline(_LONGEST))
    except (OSError, ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _write(connection: socket.socket, words: Mapping[str, Any]) -> None:
    connection.sendall(json.dumps(words).encode() + b"\n")


def _is_there(connection: socket.socket) -> bool:
    """Look whether the other end was closed: there is nothing else to be read."""
    connection.settimeout(0)
    try:
        return bool(connection.recv(1))
    except BlockingIOError:
        return True
    except OSError:
        return False


def _compare(about: Mapping[str, str], others: Mapping[int, Any]) -> str:
    for number, given in sorted(others.items()):
        theirs = given if isinstance(given, dict) else {}
        differing = [name for name in about if theirs.get(name) != about[name]]
        if differing:
            return (
                f"worker {number} and worker 0 differ in their {', '.join(differing)}: "
                "give all workers the same image, input and parameters"
            )
    return ""


def _missing(workers: Workers, present: Mapping[int, Any]) -> PeerLostError:
    missing = [n for n in range(1, workers.count) if n not in present]
    names = ", ".join(f"worker {n} ({workers.addresses[n]})" for n in missing[:3])
    return PeerLostError(
        f"{len(missing)} of {workers.count} workers did not come within "
        f"{workers.patience:.0f} s, {names} among them: see what became of their pods, "
        "or raise TRAINER_PEERS_TIMEOUT_SECONDS"
    )


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)

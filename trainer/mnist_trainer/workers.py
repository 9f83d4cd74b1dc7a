"""For the place of this process among those that train the same model.

The training operator tells each pod its place in ``TF_CONFIG``.
All are equals but for number 0, the chief, or the first worker where there is no chief:
it alone evaluates and writes, since they would overwrite one another's output.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mnist_trainer.errors import ConfigError
from mnist_trainer.quotes import has_controls, printable, quote

__all__ = ["Workers", "read_workers"]

_CHIEFS: Final = ("chief", "master")
"""Two names of one thing; "master" is the older one."""
_EQUALS: Final = (*_CHIEFS, "worker")

_REFUSED: Final = {
    "ps": "gradients are summed among the workers, so there is nothing for a "
    "parameter server to do",
    "evaluator": "the chief, or the first worker, evaluates",
}

_PATIENCE: Final = "TRAINER_PEERS_TIMEOUT_SECONDS"
_PORT: Final = re.compile(r"[0-9]{1,5}")
_SECONDS: Final = re.compile(r"[0-9]{1,9}")

_UNREADABLE: Final = (
    *(ValueError, TypeError, KeyError, AttributeError),
    *(OverflowError, RecursionError),
)
"""What comes of JSON that is none, means something else, or is made to do harm."""

_LONGEST: Final = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Workers:
    """All processes of one training, and which of them this is."""

    addresses: tuple[str, ...] = ()
    """``host:port`` of each, that of number 0 first; none of a process alone."""
    number: int = 0
    patience: float = 600.0
    """Seconds that this one waits for the others to come."""

    @property
    def count(self) -> int:
        """How many there are, this one among them."""
        return max(1, len(self.addresses))


def read_workers(environment: Mapping[str, str]) -> Workers:
    """Find this process's place, or say why there is none for it.

    Raises:
        ConfigError: there is work for workers and one chief alone.

    """
    text = environment.get("TF_CONFIG") or "{}"
    cluster, kind, index = _parse(text)
    for name in (*cluster, kind):
        if name not in _EQUALS:
            why = _REFUSED.get(name, "there are only chief and worker")
            raise ConfigError(
                f"TF_CONFIG has a replica of type {printable(name[:80])}: {why}"
            )
    places = [
        (name, number, address)
        for name in _EQUALS
        for number, address in enumerate(cluster.get(name, ()))
    ]
    if not places and index == 0:
        return Workers()
    numbers = [place[:2] for place in places]
    if (kind, index) not in numbers:
        raise ConfigError(
            f"TF_CONFIG makes this process {kind} {str(index)[:20]}, which its "
            "cluster does not have: give the JSON object that the training operator "
            "writes"
        )
    if len({kind for kind, _ in numbers if kind in _CHIEFS}) > 1:
        raise ConfigError("TF_CONFIG has a chief and a master: there can be but one")
    if len(places) == 1:
        return Workers()
    addresses = tuple(_check(address) for *_, address in places)
    patience = _read_patience(environment.get(_PATIENCE) or "600")
    return Workers(addresses, numbers.index((kind, index)), patience)


def _parse(text: str) -> tuple[dict[str, list[str]], str, int]:
    try:
        config = json.loads(text)
        cluster = {
            str(kind): [str(address) for address in addresses]
            for kind, addresses in (config.get("cluster") or {}).items()
            if addresses
        }
        task = config.get("task") or {"type": "worker", "index": 0}
        return cluster, str(task["type"]), int(task["index"])
    except _UNREADABLE as error:
        raise ConfigError(
            f"TF_CONFIG is {quote(text)}: give the JSON object that the training "
            "operator writes, or leave it out"
        ) from error


def _check(address: Any) -> str:
    host, _, port = address.rpartition(":")
    if not host or not _PORT.fullmatch(port) or has_controls(host):
        raise ConfigError(
            f"TF_CONFIG has the address {quote(address)}: give host:port, as the "
            "training operator does"
        )
    return str(address)


def _read_patience(text: str) -> float:
    if not _SECONDS.fullmatch(text) or not 1 <= int(text) <= _LONGEST:
        raise ConfigError(
            f"{_PATIENCE} is {quote(text)}: give whole seconds, 1 to {_LONGEST}"
        )
    return float(text)

"""For what all parts of a run share: what was asked, and with what it is done."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from mnist_trainer.config import Config
from mnist_trainer.devices import Devices
from mnist_trainer.narrator import Narrator
from mnist_trainer.phases import Phases
from mnist_trainer.storage import Storage

__all__ = ["Session", "start_thread"]

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Session:
    """One run, under way."""

    config: Config
    storage: Storage
    scratch: Path
    """A folder of the run's own, gone after it."""
    narrator: Narrator
    phases: Phases
    threads: int
    """How many cores are ours."""
    started_at: datetime
    devices: Devices = field(default_factory=Devices)


def start_thread(name: str, do: Callable[[], _Result]) -> Future[_Result]:
    """Do it in a thread that nobody waits for when the run ends early."""
    future: Future[_Result] = Future()

    def work() -> None:
        try:
            future.set_result(do())
        except BaseException as error:  # noqa: BLE001 (raised where it is waited for)
            future.set_exception(error)

    threading.Thread(target=work, name=name, daemon=True).start()
    return future

"""For going on after an interruption: where a training stood after its last epoch.

An epoch draws from a generator of its own, so a training that is taken up again ends
with the same bits as one that was never interrupted.
A checkpoint is one file, put in place whole; it belongs to one training alone.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np

from mnist_trainer import leftovers, storage
from mnist_trainer.errors import ConfigError
from mnist_trainer.fetch import Fetched
from mnist_trainer.history import Epoch, History, Point
from mnist_trainer.plan import Plan
from mnist_trainer.session import Session
from mnist_trainer.steps import State
from mnist_trainer.storage import StoredFile
from mnist_trainer.terminal import Folders
from mnist_trainer.train import Checkpoint
from mnist_trainer.warm_start import Beginning

__all__ = ["Keeper", "describe_training", "find_checkpoint", "keep_checkpoint"]

_FILE: Final = "last_epoch"
"""An archive of numpy's without its suffix: below a folder of data it is none."""

_ABOUT: Final = "about"

_DAMAGE: Final = (OSError, ValueError, LookupError, TypeError, EOFError, BadZipFile)
"""What numpy, zipfile and json make of bytes that are not ours."""

_SHORT: Final = 24

_IRRELEVANT: Final = frozenset({"outputs"})
"""Parameters that do not change what is learned."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps the checkpoints of one run; on buckets, which begins anew, of none."""

    session: Session
    plan: Plan
    fetched: Fetched
    begin: Beginning | None

    @property
    def output(self) -> Path | None:
        """The folder that the checkpoint is in."""
        place = self.session.config.place
        return place.output if isinstance(place, Folders) else None

    @property
    def training(self) -> dict[str, Any]:
        """What the checkpoints are of."""
        begun_from = self.begin.source if self.begin else None
        return describe_training(self.plan, self.fetched.sources, begun_from)

    def find(self) -> Checkpoint | None:
        """Find where to go on, if that was asked for, and say so."""
        narrator = self.session.narrator
        if self.output is None or not self.session.config.resume:
            return None
        found = find_checkpoint(self.output, self.training)
        if found is None:
            narrator.say(f"no checkpoint in {self.output}: beginning anew")
        else:
            done = len(found.history.done)
            narrator.say(f"going on after epoch {done}/{found.history.epochs}")
        return found

    def keep(self, checkpoint: Checkpoint) -> None:
        """Keep one, in place of the last."""
        if self.output is not None:
            keep_checkpoint(self.output, self.training, checkpoint)

    def clear(self) -> None:
        """Take it away, with all else that unfinished runs have left."""
        if self.output is not None:
            leftovers.clear(self.output)


def describe_training(
    plan: Plan, sources: tuple[StoredFile, ...], begun_from: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Tell a training from any other: all that its weights depend on but the code.

    Args:
        plan: of the training.
        sources: the files of the input.
        begun_from: the model that it began from, as the manifest has it.

    """
    chosen = {
        name: value
        for name, value in plan.describe().items()
        if name not in _IRRELEVANT
    }
    return chosen | {
        "data": [source.sha256 for source in sources],
        "begun from": (begun_from or {}).get("sha256"),
        "workers": plan.share.of,
        "towers": plan.towers,
        "weights": plan.network.weights,
    }


def keep_checkpoint(
    output: Path, training: Mapping[str, Any], checkpoint: Checkpoint
) -> None:
    """Write it over the one before, which stays until the new one is complete.

    Raises:
        DiskError: there is no room for it.

    """
    target = output / leftovers.CHECKPOINT / _FILE
    history = checkpoint.history
    about = {
        "training": training,
        "epochs": history.epochs,
        "done": [dataclasses.asdict(epoch) for epoch in history.done],
        "curve": [(at, dataclasses.asdict(point)) for at, point in history.curve],
    }
    arrays = checkpoint.state._asdict() | {_ABOUT: np.array(json.dumps(about))}
    partial = target.with_name(f".{_FILE}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            np.savez(file, **arrays)
        partial.replace(target)
    except OSError as error:
        raise storage.unwritable(target, error) from error


def find_checkpoint(output: Path, training: Mapping[str, Any]) -> Checkpoint | None:
    """Read the checkpoint of this very training; nothing, where there is none at all.

    Raises:
        ConfigError: it is of another training, or damaged.

    """
    path = output / leftovers.CHECKPOINT / _FILE
    if not path.exists():
        return None
    try:
        with path.open("rb") as file, np.load(file) as archive:
            arrays = {name: archive[name] for name in archive.files}
        about = json.loads(str(arrays.pop(_ABOUT)))
        _refuse_other(path, about["training"], training)
        return Checkpoint(State(**arrays), _read_history(about))
    except _DAMAGE as error:
        raise _unusable(path, f"cannot be read ({error})") from error


def _read_history(about: Mapping[str, Any]) -> History:
    return History(
        epochs=about["epochs"],
        done=[Epoch(**each) for each in about["done"]],
        curve=[(at, Point(**each)) for at, each in about["curve"]],
    )


def _refuse_other(
    path: Path, found: Mapping[str, Any], wanted: Mapping[str, Any]
) -> None:
    names = sorted(
        name
        for name in found.keys() | wanted.keys()
        if found.get(name) != wanted.get(name)
    )
    if names:
        told = ", ".join(
            f"{name} {_short(found.get(name))} there and {_short(wanted.get(name))} now"
            for name in names
        )
        raise _unusable(path, f"is of another training: {told}")


def _short(value: object) -> str:
    text = json.dumps(value)
    return f"{text[:_SHORT]}..." if len(text) > _SHORT else text


def _unusable(path: Path, why: str) -> ConfigError:
    return ConfigError(
        f"{path} {why}: ask for the same training again, or leave --resume out to "
        "begin anew"
    )

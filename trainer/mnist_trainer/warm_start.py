"""For beginning from an earlier model: its file, and the weights in it.

Only the numbers are taken out of the file: nothing in it is ever run, as the layers of
a model that Keras loads could be.
A model that does not fit what is about to be trained is no failure; the training then
begins anew, and the manifest says so by saying nothing.
"""

from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from mnist_trainer.config import Earlier
from mnist_trainer.errors import DataError, InputMissingError
from mnist_trainer.plan import Plan
from mnist_trainer.session import Session, start_thread
from mnist_trainer.storage import Storage, StoredFile

__all__ = ["Beginning", "Found", "read_beginning", "start_fetching"]

_LARGEST: Final = 1 << 30
"""Bytes: some two hundred times what the classic model has."""

_GROUP: Final = "model_weights"
"""Where Keras puts the weights of a whole model."""


@dataclass(frozen=True, slots=True)
class Found:
    """An earlier model's file, downloaded."""

    place: Path
    bucket: str
    file: StoredFile


@dataclass(frozen=True, slots=True)
class Beginning:
    """What to begin from."""

    weights: Any
    """(weights,) float32."""
    statistics: Any
    """(statistics,) float32."""
    source: dict[str, Any]
    """As the manifest names it: ``path``, ``sha256``, ``bytes`` and, unless the file
    is a person's own, ``bucket``."""


@dataclass(frozen=True, slots=True)
class _Stored:
    """A model as ``model.read_model`` looks at it: its arrays."""

    arrays: list[Any]

    def get_weights(self) -> list[Any]:
        """As Keras's model gives them."""
        return self.arrays


def start_fetching(session: Session, storage: Storage | None) -> Future[Found | None]:
    """Download it in a thread of its own, if there is one to begin from.

    Args:
        session: the run.
        storage: where the earlier model is, or nothing to begin anew.

    """
    earlier = session.config.earlier

    def fetch() -> Found | None:
        return _fetch(session, storage, earlier) if storage and earlier else None

    return start_thread("earlier model", fetch)


def read_beginning(
    session: Session, plan: Plan, found: Found | None
) -> Beginning | None:
    """Take the weights out of the file, if they fit; and say which way it went."""
    if found is None:
        return None
    try:
        arrays = _read_arrays(found.place)
        taken = _fit(plan, arrays)
    # What h5py makes of a file that is none, or is another one.
    except (OSError, LookupError, ValueError, TypeError, RuntimeError) as error:
        taken = None
        session.narrator.say(f"{found.file.path} is no model of Keras's: {error}")
    if taken is None:
        session.narrator.say(
            f"beginning anew: {found.file.path} does not fit the recipe and the data"
        )
        return None
    session.narrator.say(f"beginning from {found.file.path}")
    bucket = {"bucket": found.bucket} if found.bucket else {}
    return Beginning(*taken, source=bucket | found.file.describe())


def _fetch(session: Session, storage: Storage, earlier: Earlier) -> Found | None:
    place = session.scratch / "earlier_model.h5"
    name = earlier.path if earlier.bucket else Path(earlier.path).name
    try:
        file = storage.download(name, place, limit=_LARGEST)
    except (DataError, InputMissingError) as error:
        if not earlier.bucket:
            raise
        session.narrator.say(f"beginning anew, not from an earlier model: {error}")
        return None
    named = file if earlier.bucket else replace(file, path=earlier.path)
    return Found(place, earlier.bucket, named)


def _fit(plan: Plan, arrays: list[Any]) -> tuple[Any, Any] | None:
    from mnist_trainer import model  # noqa: PLC0415 (imports Keras)

    if not all(np.isfinite(array).all() for array in arrays):
        return None
    return model.read_model(plan.network, _Stored(arrays))


def _read_arrays(path: Path) -> list[Any]:
    """Read all weights in the order in which the model has them."""
    import h5py  # noqa: PLC0415 (takes a tenth of a second, and is rarely needed)

    with h5py.File(path, "r") as file:
        layers = file[_GROUP]
        sets = [
            layers[layer][weight]
            for layer in _names(layers, "layer_names")
            for weight in _names(layers[layer], "weight_names")
        ]
        # They could be any bytes on our disk, and would be published as weights.
        if any(each.external or each.is_virtual or each.file != file for each in sets):
            raise ValueError("it takes weights from other files")
        # Packed, they may be far larger than the file.
        if sum(each.nbytes for each in sets) > _LARGEST:
            raise ValueError(f"its weights take more than {_LARGEST} bytes")
        return [np.asarray(each) for each in sets]


def _names(group: Any, attribute: str) -> list[str]:
    return [
        name.decode() if isinstance(name, bytes) else str(name)
        for name in group.attrs[attribute]
    ]

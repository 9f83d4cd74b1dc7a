"""For whether a model may take another's place: both answer the same held-out images.

What is counted is the four ways in which two models can be right and wrong about an
image, and how many of the images either was trained on. Nothing is decided here; a
comparison that cannot be made is no failure of the training, and says why.
"""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from mnist_trainer import archives, data, fetch, labels
from mnist_trainer.duplicates import count_duplicates
from mnist_trainer.errors import TrainerError
from mnist_trainer.pixels import read_images
from mnist_trainer.scratch import Room
from mnist_trainer.session import Session, start_thread
from mnist_trainer.storage import Storage, StoredFile
from mnist_trainer.trial_settings import Located, Trial

__all__ = ["PATH", "Gathered", "compare", "start_gathering"]

PATH: Final = "report/held_out.json"
"""Beside the model."""

_ARCHIVE: Final = ".npz"
_LARGEST_MODEL: Final = 1 << 30
_ROWS: Final = 10_000
"""Images whose values are rounded at a time."""
_CHAMPION: Final = "CHAMPION_MODEL"

Open = Callable[[str], Storage]
"""From a bucket's name to what lies in it."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that is compared, fetched while the training goes on."""

    trial: Trial
    source: StoredFile
    images: Any
    """(count, height, width) or with channels, raw values 0..255."""
    labels: Any
    champion: StoredFile | None = None
    model: Path | None = None
    """Where the model in production lies."""
    seen: Any = None
    """(count, ...): what that was trained on; None where nobody knows."""


def start_gathering(session: Session, open_bucket: Open) -> Future[Gathered] | None:
    """Fetch in a thread of its own, if there is anything to compare."""
    trial = session.config.trial
    if trial is None:
        return None
    return start_thread("held-out images", lambda: _gather(session, trial, open_bucket))


def _gather(session: Session, trial: Trial, open_bucket: Open) -> Gathered:
    room = Room(session.scratch, memory=data.IN_MEMORY)
    with session.phases.beside("gather"), room:
        place = session.scratch / f"held_out{_ARCHIVE}"
        held_out = trial.held_out
        source = open_bucket(held_out.bucket).download(
            held_out.path, place, limit=data.LARGEST_FILE
        )
        archive = archives.look(source.path, place)
        part = "test" if "x_test" in archive.headers else "train"
        images = read_images([archive], part, room).kept
        known = labels.read_labels([archive], part, room)
        place.unlink()
        champion, model = _fetch_champion(session, trial.champion, open_bucket)
        seen = _fetch_seen(session, trial, open_bucket, room)
        return Gathered(trial, source, images, known, champion, model, seen)


def _fetch_champion(
    session: Session, champion: Located | None, open_bucket: Open
) -> tuple[StoredFile | None, Path | None]:
    if champion is None:
        return None, None
    place = session.scratch / f"champion{Path(champion.path).suffix}"
    storage = open_bucket(champion.bucket)
    return storage.download(champion.path, place, limit=_LARGEST_MODEL), place


def _fetch_seen(
    session: Session, trial: Trial, open_bucket: Open, room: Room
) -> Any | None:
    """Read all images that the model in production may have been trained on."""
    place = trial.champion_data
    if place is None:
        return None
    storage, found = open_bucket(place.bucket), []
    for number, path in enumerate(fetch.find_archives(place.path, storage)):
        target = session.scratch / f"champion_data_{number}{_ARCHIVE}"
        source = storage.download(path, target, limit=data.LARGEST_FILE)
        found.append(archives.look(source.path, target))
    archives.refuse_misfits(found, limit=data.LARGEST_FILE)
    images = read_images(found, "train", room).kept
    for archive in found:
        archive.path.unlink()
    return images


def compare(
    session: Session,
    gathering: Future[Gathered],
    ask: Callable[[Any], Any],
    train: tuple[Any, Any],
) -> dict[str, Any]:
    """Compare, or say why that cannot be done.

    Args:
        session: the run.
        gathering: what `start_gathering` began.
        ask: the new model: from images to (count, classes).
        train: the images that it was trained on, and their labels.

    """
    try:
        report = _compare(session, gathering.result(), ask, train)
    except TrainerError as error:
        told = f"{error.reason}: {error}"
    # The model is as good as it was, whatever was wrong with what it is compared with.
    except Exception as error:  # noqa: BLE001 (told in the report and in the log)
        told = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    else:
        return report
    session.narrator.say(f"not compared on held-out images: {told}")
    return {"version": 1, "error": told}


def _compare(
    session: Session,
    gathered: Gathered,
    ask: Callable[[Any], Any],
    train: tuple[Any, Any],
) -> dict[str, Any]:
    trial, images, known = gathered.trial, gathered.images, gathered.labels
    right = _find_right(ask(images), known)
    before = _ask_champion(gathered, train)
    if before is not None:
        before = _find_right(before, known)
    table = _count(before, right)
    count = len(known)
    session.narrator.say(
        f"held-out: {int(right.sum())} of {count} images right"
        + (f", in production {int(before.sum())}" if before is not None else "")
    )
    return {
        "version": 1,
        "heldOut": _describe(trial.held_out, gathered.source),
        "champion": _describe(trial.champion, gathered.champion),
        "championData": _describe(trial.champion_data, None),
        "images": count,
        "table": table,
        "accuracy": {
            "challenger": f"{right.mean():.6f}",
            "champion": f"{before.mean():.6f}" if before is not None else None,
        },
        "leaked": _count_leaked(gathered, train[0]),
    }


def _find_right(answers: Any, known: Any) -> Any:
    return np.asarray(answers).argmax(axis=1) == known


def _ask_champion(gathered: Gathered, train: tuple[Any, Any]) -> Any | None:
    from mnist_trainer import foreign  # noqa: PLC0415 (TensorFlow)

    if gathered.model is None:
        return None
    model = foreign.load(gathered.model, flag=_CHAMPION)
    # With what it was not measured on: which scale of pixels it takes.
    scale = foreign.find_scale(model, *train)
    return foreign.answer(model, gathered.images, scale=scale)


def _count(before: Any | None, after: Any) -> dict[str, int]:
    if before is None:
        before = np.zeros(len(after), bool)
    ways = {
        "bothRight": before & after,
        "onlyChampion": before & ~after,
        "onlyChallenger": ~before & after,
        "bothWrong": ~before & ~after,
    }
    return {name: int(np.count_nonzero(way)) for name, way in ways.items()}


def _count_leaked(gathered: Gathered, train: Any) -> dict[str, Any]:
    """Count the held-out images among those that each model was trained on."""
    images = _flatten(gathered.images)
    told: dict[str, Any] = {"challenger": _count_seen(train, images), "champion": None}
    if gathered.seen is not None:
        told["champion"] = _count_seen(gathered.seen, images)
    return told


def _count_seen(seen: Any, images: Any) -> int:
    pixels = _flatten(seen)
    if pixels.shape[1] != images.shape[1]:
        return 0
    return count_duplicates(pixels, images)


def _flatten(images: Any) -> Any:
    """Lay out images as (count, pixels) uint8, whatever they were saved as."""
    if images.dtype == np.uint8:
        return images.reshape(len(images), -1)
    blocks = [
        np.rint(images[start : start + _ROWS]).astype(np.uint8)
        for start in range(0, len(images), _ROWS)
    ]
    return np.concatenate(blocks).reshape(len(images), -1)


def _describe(place: Located | None, file: StoredFile | None) -> dict[str, Any] | None:
    if place is None:
        return None
    told = file.describe() if file else {"path": f"/{place.path}"}
    return {"bucket": place.bucket, **told}

"""For getting the data: downloaded and checked while TensorFlow is being imported."""

from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnist_trainer import data
from mnist_trainer.dataset import Dataset
from mnist_trainer.errors import DataError, InputMissingError, UnreachableError
from mnist_trainer.narrator import Narrator
from mnist_trainer.session import Session, start_thread
from mnist_trainer.storage import Storage, StoredFile

__all__ = ["Fetched", "find_archives", "start_fetching"]

_ARCHIVE = ".npz"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What there is to train on, and where it came from."""

    sources: tuple[StoredFile, ...]
    dataset: Dataset
    statistics: dict[str, Any]
    """As ``data.describe_data`` gives them."""


def start_fetching(session: Session) -> Future[Fetched]:
    """Fetch in a thread of its own."""
    session.narrator.begin("downloading")
    return start_thread("download", lambda: _fetch(session))


def _fetch(session: Session) -> Fetched:
    config, storage, scratch = session.config, session.storage, session.scratch
    narrator, phases = session.narrator, session.phases
    files: list[tuple[StoredFile, Path]] = []
    with phases.beside("download"):
        left = data.LARGEST_FILE
        for number, path in enumerate(find_archives(config.training_data, storage)):
            target = scratch / f"training_data_{number}{_ARCHIVE}"
            source = storage.download(path, target, limit=left)
            left -= source.bytes
            files.append((source, target))
            narrator.say(f"downloaded {source.path}, {source.bytes} bytes")
    with phases.beside("validate"):
        dataset = _validate(session, files)
    for _, target in files:
        target.unlink()
    _tell(dataset, narrator)
    with phases.beside("describe"):
        statistics = data.describe_data(dataset)
    return Fetched(tuple(source for source, _ in files), dataset, statistics)


def _validate(session: Session, files: list[tuple[StoredFile, Path]]) -> Dataset:
    parameters = session.config.parameters
    try:
        return data.read_dataset(
            [(source.path, target) for source, target in files],
            scratch=session.scratch,
            seed=parameters.seed,
            validation_percent=parameters.validation_percent,
        )
    except DataError:
        _fetch_again(session, files)
        raise


def _fetch_again(session: Session, files: list[tuple[StoredFile, Path]]) -> None:
    """Find out whether refused files were pushed like that, or broke on their way.

    Nobody says what they digest to, so that the one thing that tells is to ask twice.

    Raises:
        UnreachableError: it is another one now: another attempt may get it whole.

    """
    for source, target in files:
        path = source.path.removeprefix("/")
        again = session.storage.download(path, target, limit=data.LARGEST_FILE)
        if again.sha256 != source.sha256:
            raise UnreachableError(
                f"{source.path} is no data, and it was another one when it was "
                "fetched again: look for what changes bytes on their way from the "
                "storage"
            )


def find_archives(path: str, storage: Storage) -> list[str]:
    """Name one archive, or all archives below a folder.

    Raises:
        InputMissingError: the folder has none.

    """
    if path.endswith(_ARCHIVE):
        return [path]
    folder = path.strip("/")
    files = storage.list_files(folder)
    found = sorted(each for each in files if each.endswith(_ARCHIVE))
    if not found:
        raise InputMissingError(
            f"/{folder} has no file that ends in {_ARCHIVE}: push one, or name a file "
            "in TRAINING_DATA (spec.input.path)"
        )
    return found


def _tell(dataset: Dataset, narrator: Narrator) -> None:
    size = " x ".join(map(str, dataset.shape))
    narrator.say(
        f"{dataset.train.count} images to train on, {dataset.test.count} to test with, "
        f"{size} pixels, {dataset.classes} classes"
    )
    for note in dataset.notes:
        narrator.say(f"note: {note}")

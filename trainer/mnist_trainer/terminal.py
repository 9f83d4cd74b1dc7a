"""For what a person at a terminal asks for, with files in folders of their own."""

import argparse
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from mnist_trainer.errors import ConfigError
from mnist_trainer.quotes import quote

__all__ = [
    "Folders",
    "Task",
    "name_local",
    "read_folders",
    "read_resume",
    "read_task",
]

_ARCHIVE: Final = ".npz"


class Task(StrEnum):
    """What to do."""

    TRAIN = "train"
    EVALUATE = "evaluate"
    """Measure a model that there is already."""
    REHEARSE = "rehearse"
    """All but the training: ``--dry-run``."""


@dataclass(frozen=True, slots=True)
class Folders:
    """A person's own disk instead of S3."""

    input: Path
    output: Path | None
    """Nothing, where nothing is written."""


def read_task(given: argparse.Namespace) -> Task:
    """Tell what to do."""
    if given.evaluate is not None:
        return Task.EVALUATE
    return Task.REHEARSE if given.dry_run else Task.TRAIN


def read_folders(given: argparse.Namespace, task: Task) -> Folders | None:
    """Name both folders, or none where buckets are meant."""
    if given.data is None and given.output is None:
        return None
    if given.data is None or (given.output is None and task is Task.TRAIN):
        missing = "--data" if given.data is None else "--output"
        raise ConfigError(
            f"{missing} is missing: --data PATH and --output FOLDER go together"
        )
    if _is_folder(given.data):
        return Folders(given.data, given.output)
    return Folders(given.data.parent, given.output)


def name_local(data: Path) -> str:
    """Name what is read within the input folder: all of it, or one file."""
    if _is_folder(data):
        return "/"
    if data.suffix != _ARCHIVE:
        raise ConfigError(
            f"--data is {quote(str(data))}: name a file that ends in {_ARCHIVE}, or a "
            "folder that exists"
        )
    return data.name


def _is_folder(data: Path) -> bool:
    try:
        return data.is_dir()
    except OSError as error:
        raise ConfigError(
            f"--data is {quote(str(data))} ({error.strerror}): name a file or folder "
            "that exists"
        ) from error


def read_resume(given: argparse.Namespace, local: Folders | None) -> bool:
    """Tell whether to go on, which takes a folder that is there the next time."""
    if given.resume and local is None:
        raise ConfigError(
            "--resume goes on from a checkpoint in a folder: give --data PATH and "
            "--output FOLDER; a run on buckets begins anew"
        )
    return bool(given.resume)

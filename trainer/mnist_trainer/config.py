"""For what was asked of this run: environment and flags, read once, checked at once.

The names are those of the classic recipe, whose TFJob must keep working unchanged.
A flag wins over its variable; an empty variable counts as absent.
For a person at a terminal there is ``--data PATH --output FOLDER`` instead of S3.
"""

import argparse
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mnist_trainer import command_line, flags, parameters, paths, workers
from mnist_trainer.errors import ConfigError
from mnist_trainer.parameters import Parameters
from mnist_trainer.quotes import quote
from mnist_trainer.s3_settings import S3Settings, read_s3_settings
from mnist_trainer.terminal import (
    Folders,
    Task,
    name_local,
    read_folders,
    read_resume,
    read_task,
)
from mnist_trainer.trial_settings import Trial, read_located, read_trial
from mnist_trainer.workers import Workers

__all__ = ["Build", "Config", "Earlier", "find_termination_log", "read_config"]

_TERMINATION_LOG: Final = "/dev/termination-log"
"""Where Kubernetes looks for a container's last words unless told otherwise."""

_SUFFIX: Final = ".h5"
"""The one format: whoever serves the classic recipe's model reads HDF5."""

_OURS: Final = (
    *("AWS_", "DATA_DIR", "INPUT_", "MODEL_", "OUTPUT_", "REQUIREMENTS_", "S3_"),
    *("SOURCE_", "TF_CONFIG", "TRAINER_", "TRAINING_", "WARM_START_"),
    *("CHAMPION_", "HELD_OUT_"),
)
"""Beginnings of the names of variables that are read here or by ``boto3``."""

_EARLIER: Final = ("WARM_START_BUCKET", "WARM_START_FILE")


@dataclass(frozen=True, slots=True)
class Earlier:
    """A model to begin from."""

    bucket: str
    """Of the commit that has it; empty for a file on our own disk."""
    path: str


@dataclass(frozen=True, slots=True)
class Build:
    """What the image knows of its own making; empty outside of an image."""

    source_revision: str
    source_url: str
    requirements_sha256: str


@dataclass(frozen=True, slots=True)
class Config:
    """One run, as asked."""

    place: S3Settings | Folders
    training_data: str
    model_file: str
    data_dir: Path
    parameters: Parameters
    build: Build
    termination_log: Path | None
    task: Task = Task.TRAIN
    resume: bool = False
    """Whether to go on where an interrupted run came to."""
    evaluated: Path | None = None
    """The model to measure."""
    earlier: Earlier | None = None
    trial: Trial | None = None
    """What the model is compared on, and with."""
    workers: Workers = field(default_factory=Workers)


def read_config(arguments: Sequence[str], environment: Mapping[str, str]) -> Config:
    """Read flags and environment, or say which of them cannot be used and why."""
    _refuse_bytes(environment)
    given = command_line.make_parser(environment).parse_args(arguments)
    task = read_task(given)
    team = _read_workers(environment, task)
    local = read_folders(given, task)
    seed = 0 if local else parameters.derive_seed(given.inputbucket)
    return Config(
        place=local
        or read_s3_settings(
            environment, source=given.inputbucket, target=given.outputbucket
        ),
        training_data=name_local(given.data)
        if local
        else _training_data(given.trainingdata),
        model_file=_model_file(given.modelfile),
        data_dir=Path(paths.check("DATA_DIR", given.datadir)),
        parameters=flags.read_parameters(given.parameters, given, seed=seed),
        build=Build(
            environment.get("SOURCE_REVISION", ""),
            environment.get("SOURCE_URL", ""),
            _digest(environment.get("REQUIREMENTS_FILE", "")),
        ),
        termination_log=find_termination_log(environment),
        task=task,
        resume=read_resume(given, local),
        evaluated=given.evaluate,
        earlier=_read_earlier(given, environment, local),
        trial=None if local else read_trial(environment),
        workers=team,
    )


def find_termination_log(environment: Mapping[str, str]) -> Path | None:
    """Find where the last words go; nowhere, outside of a container."""
    if named := environment.get("TERMINATION_MESSAGE_PATH"):
        return Path(named)
    usual = Path(_TERMINATION_LOG)
    return usual if os.access(usual, os.W_OK) else None


def _refuse_bytes(environment: Mapping[str, str]) -> None:
    """Refuse what could be written into no log, report or manifest."""
    for name, value in sorted(environment.items()):
        if name.startswith(_OURS) and not _is_text(value):
            raise ConfigError(f"{name} holds bytes that are no UTF-8: give text")


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_workers(environment: Mapping[str, str], task: Task) -> Workers:
    found = workers.read_workers(environment)
    if found.count > 1 and task is not Task.TRAIN:
        raise ConfigError(
            f"TF_CONFIG names {found.count} workers, and one process does it all with "
            "--evaluate and --dry-run: leave TF_CONFIG out"
        )
    return found


def _read_earlier(
    given: argparse.Namespace, environment: Mapping[str, str], local: Folders | None
) -> Earlier | None:
    if given.warm_start is not None:
        return Earlier("", str(given.warm_start))
    found = None if local else read_located(environment, *_EARLIER)
    return Earlier(found.bucket, found.path.rstrip("/")) if found else None


def _training_data(value: str) -> str:
    """Name a file, or a folder, which ends in a slash if its name looks like a file."""
    if not value.strip("/"):
        return "/"
    return paths.place_inside("TRAINING_DATA", value) + (
        "/" if value.endswith("/") else ""
    )


def _model_file(value: str) -> str:
    if not value.endswith(_SUFFIX):
        raise ConfigError(f"MODEL_FILE is {quote(value)}: end it in {_SUFFIX}")
    return paths.place_inside("MODEL_FILE", value)


def _digest(path: str) -> str:
    """Name the locked requirements by their digest; nothing, outside of an image."""
    if not path:
        return ""
    try:
        paths.check("REQUIREMENTS_FILE", path)
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigError(
            f"REQUIREMENTS_FILE is {quote(path)}, which cannot be read "
            f"({error.strerror}): name the image's locked requirements, or nothing"
        ) from error

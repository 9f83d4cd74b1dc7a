"""For what was asked of this run: environment and flags, read once, checked at once.

The names are those of the classic recipe, whose TFJob must keep working unchanged.
A flag wins over its variable; an empty variable counts as absent.
For a person at a terminal there is ``--data FILE --output FOLDER`` instead of S3.
"""

import argparse
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, NoReturn

from mnist_trainer import parameters, workers
from mnist_trainer.errors import ConfigError
from mnist_trainer.parameters import Parameters
from mnist_trainer.s3_settings import S3Settings, read_s3_settings

__all__ = ["Build", "Config", "Folders", "read_config"]

_TERMINATION_LOG: Final = "/dev/termination-log"
"""Where Kubernetes looks for a container's last words unless told otherwise."""

_SUFFIX: Final = ".h5"
"""The one format: whoever serves the classic recipe's model reads HDF5."""


@dataclass(frozen=True, slots=True)
class Folders:
    """A person's own disk instead of S3."""

    input: Path
    output: Path


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


def read_config(arguments: Sequence[str], environment: Mapping[str, str]) -> Config:
    """Read flags and environment, or say which of them cannot be used and why."""
    flags = _parser(environment).parse_args(arguments)
    workers.refuse_others_than_chief(environment.get("TF_CONFIG", ""))
    local = _read_folders(flags)
    seed = 0 if local else parameters.derive_seed(flags.inputbucket)
    return Config(
        place=local
        or read_s3_settings(
            environment, source=flags.inputbucket, target=flags.outputbucket
        ),
        training_data=flags.data.name
        if local
        else _inside("TRAINING_DATA", flags.trainingdata),
        model_file=_model_file(flags.modelfile),
        data_dir=Path(flags.datadir),
        parameters=parameters.read_parameters(flags.parameters, seed=seed),
        build=Build(
            environment.get("SOURCE_REVISION", ""),
            environment.get("SOURCE_URL", ""),
            _digest(environment.get("REQUIREMENTS_FILE", "")),
        ),
        termination_log=find_termination_log(environment),
    )


def find_termination_log(environment: Mapping[str, str]) -> Path | None:
    """Find where the last words go; nowhere, outside of a container."""
    if named := environment.get("TERMINATION_MESSAGE_PATH"):
        return Path(named)
    usual = Path(_TERMINATION_LOG)
    return usual if os.access(usual, os.W_OK) else None


class _Parser(argparse.ArgumentParser):
    """Turns a usage error into one of ours, so that it gets its last words too."""

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"{message}: see python -m mnist_trainer --help")


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m mnist_trainer",
        description="Train a digit classifier on the images of one commit.",
        epilog="S3_ENDPOINT and its kin say where the buckets are.",
    )

    def add(short: str, flag: str, variable: str, default: str, text: str) -> None:
        value = environment.get(variable) or default
        text = f"{text} ({variable}, else {default or 'the defaults'})"
        parser.add_argument(short, flag, default=value, help=text)

    add("-i", "--inputbucket", "INPUT_BUCKET", "master.inputrepo", "bucket to read")
    add("-o", "--outputbucket", "OUTPUT_BUCKET", "master.outputrepo", "and to write")
    add("-d", "--datadir", "DATA_DIR", "/tmp/data", "scratch folder")  # noqa: S108
    add("-t", "--trainingdata", "TRAINING_DATA", "data/mnist.npz", "file of images")
    add("-m", "--modelfile", "MODEL_FILE", "my_model.h5", "file for the model")
    add("-p", "--parameters", "TRAINER_PARAMETERS", "", "JSON object")
    parser.add_argument("--data", type=Path, help="a local file instead of S3")
    parser.add_argument("--output", type=Path, help="a local folder instead of S3")
    return parser


def _read_folders(flags: argparse.Namespace) -> Folders | None:
    if flags.data is None and flags.output is None:
        return None
    if flags.data is None or flags.output is None:
        missing = "--data" if flags.data is None else "--output"
        raise ConfigError(
            f"{missing} is missing: --data FILE and --output FOLDER go together"
        )
    return Folders(input=flags.data.parent, output=flags.output)


def _model_file(value: str) -> str:
    if not value.endswith(_SUFFIX):
        raise ConfigError(f"MODEL_FILE is {value!r}: end it in {_SUFFIX}")
    return _inside("MODEL_FILE", value)


def _digest(path: str) -> str:
    """Name the locked requirements by their digest; nothing, outside of an image."""
    if not path:
        return ""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigError(
            f"REQUIREMENTS_FILE is {path!r}, which cannot be read "
            f"({error.strerror}): name the image's locked requirements, or nothing"
        ) from error


def _inside(variable: str, value: str) -> str:
    """Keep a path within its bucket: the same text names a file on our own disk."""
    path = PurePosixPath(value.lstrip("/"))
    if not path.name or ".." in path.parts:
        raise ConfigError(
            f"{variable} is {value!r}: give a path inside the bucket, without '..'"
        )
    return str(path)

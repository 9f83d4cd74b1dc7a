"""For the flags that the program knows, and the help that it gives on them."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

from mnist_trainer import flags
from mnist_trainer.errors import ConfigError
from mnist_trainer.quotes import printable

__all__ = ["make_parser"]

_LONGEST: Final = 300
"""Characters of a message, which may repeat what was given."""


class _Parser(argparse.ArgumentParser):
    """Turns a usage error into one of ours, so that it gets its last words too."""

    def error(self, message: str) -> NoReturn:
        raise ConfigError(
            f"{printable(message[:_LONGEST])}: see python -m mnist_trainer --help"
        )


def make_parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    """Make the parser; what a variable says is the default of its flag."""
    parser = _Parser(
        prog="python -m mnist_trainer",
        description="Train a digit classifier on the images of one commit.",
        epilog="S3_ENDPOINT and its kin say where the buckets are.",
        # Otherwise a new flag could change what an old command means.
        allow_abbrev=False,
    )

    def add(short: str, flag: str, variable: str, default: str, text: str) -> None:
        value = environment.get(variable) or default
        text = f"{text} ({variable}, else {default or 'the defaults'})"
        parser.add_argument(short, flag, default=value, help=text)

    add("-i", "--inputbucket", "INPUT_BUCKET", "master.inputrepo", "bucket to read")
    add("-o", "--outputbucket", "OUTPUT_BUCKET", "master.outputrepo", "and to write")
    add("-d", "--datadir", "DATA_DIR", "/tmp/data", "scratch folder")  # noqa: S108
    add("-t", "--trainingdata", "TRAINING_DATA", "data/mnist.npz", "file or folder")
    add("-m", "--modelfile", "MODEL_FILE", "my_model.h5", "file for the model")
    add("-p", "--parameters", "TRAINER_PARAMETERS", "", "JSON object")
    _add_local(parser)
    flags.add_flags(parser)
    return parser


def _add_local(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("at a terminal")

    def add(to: Any, flag: str, text: str, **options: Any) -> None:
        to.add_argument(flag, help=text, **options)

    path: dict[str, Any] = {"type": Path, "metavar": "PATH"}
    add(group, "--data", "a local .npz file, or a folder, instead of S3", **path)
    add(group, "--output", "a local folder instead of S3", **path)
    add(group, "--warm-start", "begin from this model (.h5), not anew", **path)
    one = group.add_mutually_exclusive_group()
    add(one, "--resume", "go on where a run was interrupted", action="store_true")
    add(one, "--evaluate", "measure this model, and train none", **path)
    add(one, "--dry-run", "do all but train, and write nothing", action="store_true")

"""For what is to be compared: held-out images, and the model in production.

The variables are the operator's; without them nothing is compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mnist_trainer import paths
from mnist_trainer.errors import ConfigError
from mnist_trainer.s3_settings import check_bucket

__all__ = ["Located", "Trial", "read_located", "read_trial"]


@dataclass(frozen=True, slots=True)
class Located:
    """A file, or a folder, in a bucket."""

    bucket: str
    path: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What the new model is measured on, and what it is compared with."""

    held_out: Located
    champion: Located | None = None
    """The model in production; None before there is one."""
    champion_data: Located | None = None
    """What that was trained on; None where nobody knows."""


def read_trial(environment: Mapping[str, str]) -> Trial | None:
    """Read the variables; nothing, without held-out images.

    Raises:
        ConfigError: one of a pair is missing, or names nothing that can be there.

    """
    held_out = read_located(environment, "HELD_OUT_BUCKET", "HELD_OUT_DATA")
    if held_out is None:
        return None
    return Trial(
        held_out,
        read_located(environment, "CHAMPION_BUCKET", "CHAMPION_MODEL"),
        read_located(environment, "CHAMPION_DATA_BUCKET", "CHAMPION_DATA"),
    )


def read_located(
    environment: Mapping[str, str], bucket_name: str, path_name: str
) -> Located | None:
    """Read two variables that only together say something.

    Raises:
        ConfigError: one is missing, or cannot be used.

    """
    bucket, path = environment.get(bucket_name, ""), environment.get(path_name, "")
    if not (bucket or path):
        return None
    if not (bucket and path):
        names = (bucket_name, path_name)
        missing, there = names if path else reversed(names)
        raise ConfigError(f"{missing} is missing while {there} is set: set both")
    check_bucket(bucket_name, bucket)
    slash = "/" if path.endswith("/") else ""
    return Located(bucket, paths.place_inside(path_name, path) + slash)

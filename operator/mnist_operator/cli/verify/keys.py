"""The public keys that signatures are checked with."""

from collections.abc import Iterable
from pathlib import Path

import click

from mnist_operator.signing import find_key_fault

__all__ = ["read_keys"]


def read_keys(paths: Iterable[Path]) -> tuple[bytes, ...]:
    """Read the keys; one that is none would make every answer worthless.

    Raises:
        click.UsageError: One of them is no public key; the message names its file.
    """
    keys = []
    for path in paths:
        keys.append(path.read_bytes())
        if fault := find_key_fault(keys[-1]):
            raise click.UsageError(f"--key {path}: {fault}")
    return tuple(keys)

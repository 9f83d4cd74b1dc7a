"""The definition of MnistTrainings, read once: its 3,600 lines of YAML take long."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

__all__ = ["definition"]

_FILE = Path(__file__).resolve().parents[2] / "crds" / "mnisttraining.yaml"


@cache
def definition() -> dict[str, Any]:
    """The shipped definition, to be read only."""
    found: dict[str, Any] = yaml.safe_load(_FILE.read_text())
    return found

"""What runs in a forked operator; imports nothing but the operator's own program."""

import os
import sys
from pathlib import Path

from mnist_operator.__main__ import main

__all__ = ["launch"]


def launch(environment: dict[str, str], log: Path) -> None:
    """Be `python -m mnist_operator` with these settings."""
    with log.open("ab") as output:
        for stream in (1, 2):
            os.dup2(output.fileno(), stream)
    os.environ.update(environment)
    sys.exit(main())

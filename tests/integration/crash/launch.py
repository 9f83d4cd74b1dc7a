"""What runs in a forked operator; imports nothing but the operator's own program."""

import gc
import os
import sys
from pathlib import Path

from mnist_operator.__main__ import main

__all__ = ["launch"]

# Once in the server, what each operator does first: then it finds nothing to do.
gc.collect()
gc.freeze()


def launch(environment: dict[str, str], log: Path) -> None:
    """Be `python -m mnist_operator` with these settings."""
    with log.open("ab") as output:
        for stream in (1, 2):
            os.dup2(output.fileno(), stream)
    os.environ.update(environment)
    sys.exit(main())

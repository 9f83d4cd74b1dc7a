"""For what an unfinished run leaves in its output folder, and a finished one clears."""

import contextlib
import shutil
from pathlib import Path
from typing import Final

__all__ = ["CHECKPOINT", "FAILED_LOG", "clear", "keep_log"]

CHECKPOINT: Final = "checkpoint"
"""A folder; see ``checkpoints``."""

FAILED_LOG: Final = "failed.log"
"""Not the name of a finished run's log, which may be there from an earlier run."""


def keep_log(output: Path, story: str) -> None:
    """Keep what was said; a run does not fail twice because that cannot be written."""
    with contextlib.suppress(OSError):
        output.mkdir(parents=True, exist_ok=True)
        (output / FAILED_LOG).write_text(story, errors="backslashreplace")


def clear(output: Path) -> None:
    """Take away what earlier, unfinished runs have left."""
    shutil.rmtree(output / CHECKPOINT, ignore_errors=True)
    with contextlib.suppress(OSError):
        (output / FAILED_LOG).unlink(missing_ok=True)

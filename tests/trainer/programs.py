"""The trainer as a process of its own, and as parts that are called one by one."""

import io
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from mnist_trainer.config import read_config
from mnist_trainer.folder import FolderStorage
from mnist_trainer.narrator import Narrator
from mnist_trainer.phases import Clock, Phases
from mnist_trainer.session import Session

ROOT = Path(__file__).parents[2]
DEADLINE = 300


def start(folder, *arguments, program=("-m", "mnist_trainer"), **environment):
    """Start it with nothing of ours in its environment."""
    return subprocess.Popen(
        [sys.executable, *program, *arguments],
        env={
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "PYTHONPATH": str(ROOT / "trainer"),
            "PYTHONWARNINGS": "error::UserWarning",
            "DATA_DIR": str(folder / "scratch"),
            "TERMINATION_MESSAGE_PATH": str(folder / "last-words"),
        }
        | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
    )


def run(folder, *arguments, **environment):
    process = start(folder, *arguments, **environment)
    out, err = process.communicate(timeout=DEADLINE)
    return process.returncode, out, err


def a_session(folder: Path, *arguments: str) -> Session:
    """What the program has in hand once it has read its flags; data in data.npz."""
    flags = ("--data", str(folder / "data.npz"), *arguments)
    config = read_config(flags, {})
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    began = time.monotonic()
    return Session(
        config=config,
        storage=FolderStorage(config.place.input, config.place.output),
        scratch=scratch,
        narrator=Narrator(io.StringIO()),
        phases=Phases(
            Clock(
                now=lambda: datetime.now(UTC),
                seconds=lambda: time.monotonic() - began,
            )
        ),
        threads=1,
        started_at=datetime.now(UTC),
    )

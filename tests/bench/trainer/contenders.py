"""Who is measured: each a program, started plainly, that leaves figures behind."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["CONTENDERS", "LADDER", "Contender", "Run", "race"]

_ROOT = Path(__file__).resolve().parents[3]
_CLASSIC = Path(__file__).with_name("classic.py")
_LONGEST = 1800
"""Seconds, after which something is wrong."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to come from an archive to a model."""

    name: str
    what: str
    images: str = ""
    """For the classic script: how many it fits on."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """For the trainer."""

    def command(self, archive: Path, folder: Path, seed: int) -> list[str]:
        """What is typed to start it."""
        if self.images:
            out = [str(folder / name) for name in ("my_model.h5", "metrics.json")]
            return [sys.executable, str(_CLASSIC), str(archive), self.images, *out]
        return [
            *(sys.executable, "-m", "mnist_trainer"),
            *("--data", str(archive), "--output", str(folder)),
            *("--datadir", str(folder.with_suffix(".scratch"))),
            *("--parameters", json.dumps({**self.parameters, "seed": seed})),
        ]


CONTENDERS = {
    each.name: each
    for each in (
        Contender("classic", "classic, 1,000 images", images="1000"),
        Contender("full", "classic, all images", images="all"),
        Contender("fast", "Fast", parameters={"recipe": "Fast"}),
        Contender("best", "Best", parameters={"recipe": "Best"}),
    )
}
LADDER = tuple(
    Contender(
        f"{recipe.lower()}-{epochs}",
        f"{recipe}, {epochs} epoch{'s' if epochs > 1 else ''}",
        parameters={"recipe": recipe, "epochs": epochs},
    )
    for recipe, epochs in (
        *(("Fast", 1), ("Fast", 2), ("Fast", 4)),
        *(("Best", 2), ("Best", 4), ("Best", 8), ("Best", 16), ("Best", 32)),
    )
)
"""Ever longer trainings, to see when an accuracy is reached."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one start."""

    accuracy: float
    wall: float
    """Seconds from the start of the process to its end."""
    parts: Mapping[str, float]
    """Seconds of each part, as the program tells itself, and of the rest."""
    device: str = "CPU"


def race(contender: Contender, archive: Path, folder: Path, seed: int) -> Run:
    """Start it, wait for its end, and read what it left behind.

    Raises:
        RuntimeError: if it fails, with its last lines.

    """
    output = folder / f"{contender.name}-{seed}"
    output.mkdir()
    log = output.with_suffix(".log")
    environment = {**os.environ, "PYTHONPATH": str(_ROOT / "trainer")}
    with log.open("wb") as file:
        began = time.perf_counter()
        done = subprocess.run(
            contender.command(archive, output, seed),
            check=False,
            stdout=file,
            stderr=file,
            env=environment,
            timeout=_LONGEST,
        )
        wall = time.perf_counter() - began
    if done.returncode:
        said = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        raise RuntimeError(f"{contender.what} ended with {done.returncode}:\n{said}")
    told = json.loads((output / "metrics.json").read_text())
    return Run(
        accuracy=told["accuracy"],
        wall=wall,
        parts=_parts(output, told, wall),
        device=told.get("environment", {}).get("device", "CPU"),
    )


def _parts(output: Path, told: Mapping[str, Any], wall: float) -> dict[str, float]:
    """The manifest, written last, knows of more parts than the metrics do."""
    manifest = output / "run.json"
    if manifest.exists():
        told = {**told, **json.loads(manifest.read_text())}
    parts = {
        name: seconds
        for name, seconds in told["seconds"].items()
        if name not in {"total", "beside"}
    }
    return {**parts, "rest": wall - sum(parts.values())}

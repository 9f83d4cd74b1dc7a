"""Sets the stage: which servers the demo plays on, and the data it pushes.

With PACHD_ADDRESS, S3_ENDPOINT and KUBECONFIG set, on those; else the local cluster
is started, with the trainer's image name standing for the program in this checkout.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from demo.data import NEEDS_DIGITS
from demo.parts import Part, PartError, Parts

__all__ = ["Servers", "prepare_data", "start_cluster", "start_operator", "wait_for"]

_ADDRESSES = ("PACHD_ADDRESS", "S3_ENDPOINT", "KUBECONFIG")
_IMAGE = "mnist-operator/trainer:0.1.0"
_TRAINER = Path(".venv/trainer/bin/python")
_READY_SECONDS = 60
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Servers:
    """Where Pachyderm and Kubernetes are."""

    pachd_address: str
    s3_endpoint: str
    kubeconfig: str

    @classmethod
    def given(cls) -> "Servers | None":
        """Those that the environment names; None when it names none.

        Raises:
            PartError: Only some are named, and the rest cannot be guessed.
        """
        values = [os.environ.get(name, "") for name in _ADDRESSES]
        if not all(values):
            # KUBECONFIG alone is common on a developer's machine, and says nothing.
            if any(values[:2]):
                raise PartError(f"set all of {', '.join(_ADDRESSES)}, or none")
            return None
        return cls(*values)

    @property
    def environment(self) -> dict[str, str]:
        """What the operator and mnistctl read."""
        return dict(zip(_ADDRESSES, asdict(self).values(), strict=True))


def wait_for(part: Part, ready: Any, what: str) -> Any:
    """Ask again until the answer is true, the part has ended, or time is up."""
    deadline = time.monotonic() + _READY_SECONDS
    while not (answer := ready()):
        part.check()
        if time.monotonic() > deadline:
            raise PartError(
                f"{what} took more than {_READY_SECONDS} seconds", part.tail()
            )
        time.sleep(_LOOK_SECONDS)
    return answer


def start_cluster(parts: Parts, folder: Path) -> Servers:
    """Start the local cluster on free ports, with empty repos."""
    root = folder / "cluster"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    images = folder / "images.json"
    images.write_text(json.dumps(_images(), indent=2))
    command = [sys.executable, "-m", "local_cluster"]
    command += ["--root", str(root), "--images", str(images)]
    part = parts.start("local cluster", command, {"PYTHONUNBUFFERED": "1"})
    ready = wait_for(part, lambda: _first_object(part.log), "the local cluster")
    return Servers(ready["pachd_address"], ready["s3_endpoint"], ready["kubeconfig"])


def _first_object(log: Path) -> dict[str, str] | None:
    for line in log.read_text(errors="replace").splitlines():
        if line.startswith("{"):
            try:
                return dict(json.loads(line))
            except ValueError:
                return None
    return None


def _images() -> dict[str, Any]:
    """The trainer's image name, and the program that stands for it here."""
    here = Path.cwd()
    environment = {
        "PYTHONPATH": str(here / "trainer"),
        "SOURCE_REVISION": _revision(),
    }
    entrypoint = [str(here / _TRAINER), "-m", "mnist_trainer"]
    digest = f"sha256:{_digest(here / 'trainer')}"
    return {
        os.environ.get("TRAINER_IMAGE", _IMAGE): {
            "entrypoint": entrypoint,
            "env": {name: value for name, value in environment.items() if value},
            "digest": digest,
        }
    }


def _revision() -> str:
    command = ["git", "rev-parse", "HEAD"]
    try:
        shown = subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return shown.stdout.strip()


def _digest(folder: Path) -> str:
    """One digest over the trainer's sources: it stands for the image's own."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0")
        total.update(path.read_bytes())
    return total.hexdigest()


def start_operator(parts: Parts, servers: Servers) -> Part:
    """Start the operator beside the cluster, as a developer would."""
    environment = {**servers.environment, "PYTHONUNBUFFERED": "1"}
    # No probe asks for it here, and the port may be taken.
    environment["MNIST_OPERATOR_HEALTH_PORT"] = "0"
    command = [sys.executable, "-m", "mnist_operator"]
    return parts.start("operator", command, environment)


def prepare_data(folder: Path) -> tuple[str, list[Path]]:
    """Find the data in the trainer's environment: its source, and two files."""
    command = [str(_TRAINER), "-m", "demo.data", "--out", str(folder / "data")]
    done = _run(command)
    if done.returncode == NEEDS_DIGITS:
        made = _run(["make", "env-digits"])
        found = sorted(Path(".venv/digits").rglob("digits.csv.gz"))
        if made.returncode or not found:
            raise PartError(
                "neither MNIST nor scikit-learn's digits can be had",
                (done.stderr + made.stderr).splitlines()[-5:],
            )
        done = _run([*command, "--digits", str(found[0])])
    if done.returncode:
        raise PartError("no data to train on", done.stderr.splitlines()[-15:])
    prepared: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return prepared["source"], [Path(name) for name in prepared["files"]]


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, check=False, capture_output=True, text=True)

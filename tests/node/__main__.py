"""`make test-node`: the whole chain on a node of its own; only pachd stands in.

Looks first whether all is there that it needs. Then it builds, outside, where there is
a network: Kubernetes and the TFJob controller, both images, the data. The tests run in
an enclosure that takes everything with it when it ends. What the programs and pods
logged is kept in .local/node. More words go to pytest.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cluster.rig.binaries import cache_folder, find
from cluster.rig.tfjob_controller import read_tfjob_crd
from demo.stage import prepare_data
from node import images
from node.enclosure import enclosed, end, remove_control_groups
from node.needs import BINARIES, find_missing

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path("/var/tmp/mnist-operator-node")  # noqa: S108 (one at a time, and root's)
LOGS = ROOT / ".local" / "node"


def main(words: Sequence[str]) -> int:
    """Build, run, and leave nothing behind but caches and logs."""
    missing = list(find_missing())
    if missing:
        print("make test-node cannot run here:", *missing, sep="\n  ")
        return 1
    # Ended by a signal, it cleans up all the same.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with _alone():
        _clear()
        shutil.rmtree(LOGS, ignore_errors=True)
        LOGS.mkdir(parents=True)
        FOLDER.mkdir()
        try:
            _prepare()
            with _step("Tests"):
                return _run(words)
        finally:
            _keep_logs()
            _clear()


def _prepare() -> None:
    with _step("Kubernetes and the TFJob controller"):
        for program in BINARIES:
            find(program)
        (FOLDER / "tfjobs.json").write_text(json.dumps(read_tfjob_crd(), default=str))
    with _step("Images"):
        images.build(FOLDER / "images", LOGS / "images.log")
    with _step("Data"):
        source, _ = prepare_data(FOLDER)
        print(f"  {source}")


def _run(words: Sequence[str]) -> int:
    command = enclosed([sys.executable, "-m", "pytest", "tests/node", *words])
    environment = {
        **os.environ,
        "KUBECACHEDIR": str(FOLDER / "kubectl"),
        "MNIST_OPERATOR_NODE": str(FOLDER),
        "PATH": f"{find(BINARIES[0]).parent}:{os.environ['PATH']}",
    }
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        return process.wait()
    finally:
        end(process)


def _keep_logs() -> None:
    for log in FOLDER.glob("*/*.log"):
        shutil.copy(log, LOGS)
    pods = FOLDER / "pod-logs"
    if pods.exists():
        shutil.copytree(pods, LOGS / "pods")


def _clear() -> None:
    """Also what a run left that was killed before it could do this."""
    remove_control_groups()
    shutil.rmtree(FOLDER, ignore_errors=True)


@contextmanager
def _alone() -> Iterator[None]:
    path = cache_folder() / "node" / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("Another make test-node runs on this machine: wait for its end.")
        yield


@contextmanager
def _step(name: str) -> Iterator[None]:
    print(f"{name} ...", flush=True)
    began = time.monotonic()
    yield
    print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

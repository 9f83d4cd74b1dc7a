"""The node for all tests here; each test makes a training of its own on it.

They run inside of the enclosure that `python -m node` makes, and nowhere else.
"""

import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cluster.rig.programs import Running
from cluster.rig.tfjob_controller import TFJobController
from node.enclosure import GATEWAY, furnish
from node.machine import Machine
from node.plane import NodePlane
from node.world import Training, World, wait_for

OVERLAY = Path(__file__).with_name("overlay")
_GRPC, _S3 = 30650, 30600


@pytest.fixture(name="folder", scope="session")
def _folder() -> Path:
    given = os.environ.get("MNIST_OPERATOR_NODE")
    if not given:
        pytest.exit("These tests need a node: run `make test-node`.", returncode=2)
    return Path(given)


@pytest.fixture(name="world", scope="session")
def _world(folder: Path) -> Iterator[World]:
    furnish()
    with ExitStack() as stack:
        plane = stack.enter_context(NodePlane(folder / "plane"))
        plane.install(json.loads((folder / "tfjobs.json").read_text()))
        stack.enter_context(TFJobController(plane, folder / "tfjobs"))
        machine = stack.enter_context(Machine(plane, folder))
        pachd = _pachd(folder)
        pachd.start()
        stack.callback(pachd.stop)
        plane.kubectl("apply", "--server-side", "-k", str(OVERLAY))
        files = sorted((folder / "data").glob("*.npz"))
        world = World(plane, machine, f"{GATEWAY}:{_GRPC}", files)
        wait_for(world.operator_pods, "the operator, as it is shipped")
        yield world


def _pachd(folder: Path) -> Running:
    """As slow as the real one where that matters."""
    words = ["--root", str(folder / "pachd"), "--host", GATEWAY]
    words += ["--grpc-port", str(_GRPC), "--s3-port", str(_S3)]
    words += ["--finish-seconds", "0.2", "--commit-cost-seconds", "0.01"]
    command = [sys.executable, "-m", "local_cluster.pachd", *words]
    return Running(command, folder / "plane" / "pachd.log", _is_listening)


def _is_listening() -> bool:
    try:
        with socket.create_connection((GATEWAY, _GRPC), timeout=2):
            return True
    except OSError:
        return False


@pytest.fixture(name="training")
def _training(world: World, request: pytest.FixtureRequest) -> Training:
    """Named after the test's module and its place in there."""
    return Training(world, f"t{request.session.items.index(request.node) + 1}")

"""A control plane for these tests alone: they kill it, and take kinds away from it."""

from collections.abc import Iterator
from typing import Any, Self

import pytest

from cluster.pitfalls.wire import Wire
from cluster.rig.control_plane import ControlPlane
from cluster.rig.tfjob_controller import TFJobController, read_tfjob_crd
from cluster.worlds import RealWorld, install_operator, make_namespace
from integration.definition import definition
from integration.operators import InProcess


@pytest.fixture(scope="package", name="own_plane")
def _own_plane(plane, tmp_path_factory) -> Iterator[ControlPlane]:
    """`plane` is asked for only because it says when none can be had."""
    with ControlPlane(tmp_path_factory.mktemp("fragile")) as own:
        for each in (definition(), read_tfjob_crd()):
            own.install(each)
        yield own


@pytest.fixture(scope="package", name="own_account")
def _own_account(own_plane, tmp_path_factory) -> Iterator[str]:
    """The operator's rights, and Kubeflow's controller, which works with its TFJobs."""
    token = install_operator(own_plane)
    with TFJobController(own_plane, tmp_path_factory.mktemp("controller")):
        yield token


class WiredWorld(RealWorld):
    """A world whose operator talks to the API server through a wire."""

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        cluster: Any = self.cluster
        self.wire = await Wire(cluster.door).__aenter__()
        self.let_in(self.wire.url)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.wire.__aexit__()
        await super().__aexit__(*error)


@pytest.fixture(name="world")
async def _world(own_plane, own_account, tmp_path):
    """A namespace of the test's own, where a training begins with what is there."""
    namespace = make_namespace(own_plane)
    async with WiredWorld(tmp_path, own_plane, namespace, own_account) as world:
        await world.create_repo()
        yield world


@pytest.fixture(name="operator")
async def _operator(world):
    async with InProcess(world) as operator:
        yield operator


@pytest.fixture(name="gate")
def _gate(tmp_path):
    """A file that trainers wait for whose data says ``wait_for=str(gate)``."""
    gate = tmp_path / "gate"
    yield gate
    gate.touch()

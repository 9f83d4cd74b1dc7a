"""A control plane for these tests alone: they kill it, and take kinds away from it."""

import uuid
from collections.abc import Iterator
from typing import Any, Self

import pytest

from cluster.pitfalls.wire import Wire
from cluster.rig.control_plane import ControlPlane
from cluster.rig.tfjob_controller import TFJobController, read_tfjob_crd
from cluster.worlds import RealWorld
from integration.definition import definition
from integration.operators import InProcess
from integration.world import ROOT

_BASE = ROOT / "deploy" / "kustomize" / "base"


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
    manifests = own_plane.kubectl("kustomize", str(_BASE))
    how = ("--server-side", "--force-conflicts")
    own_plane.kubectl("apply", *how, "-f", "-", given=manifests)
    with TFJobController(own_plane, tmp_path_factory.mktemp("controller")):
        yield own_plane.account_token("mnist-operator", "mnist-operator")


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
    namespace = f"team-{uuid.uuid4().hex[:8]}"
    own_plane.call("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
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

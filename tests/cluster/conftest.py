"""One real control plane for all tests here, and a namespace for each of them.

Where the Go modules cannot be had, nothing here can run: then each test says so, and
the last line of the run too.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cluster.rig.binaries import OutOfReachError
from cluster.rig.control_plane import ControlPlane
from cluster.rig.tfjob_controller import TFJobController, read_tfjob_crd
from cluster.worlds import RealWorld, install_operator, make_namespace
from integration.definition import definition
from integration.operators import InProcess

_OUT_OF_REACH: list[str] = []


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """etcd and kube-apiserver, with our CRD and Kubeflow's."""
    with _in_reach():
        made = ControlPlane(tmp_path_factory.mktemp("plane"))
        tfjobs = read_tfjob_crd()
    with made as plane:
        for each in (definition(), tfjobs):
            plane.install(each)
        yield plane


@pytest.fixture(scope="session")
def tfjob_controller(
    plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TFJobController]:
    """Kubeflow's controller, with its webhook."""
    with _in_reach():
        made = TFJobController(plane, tmp_path_factory.mktemp("tfjobs"))
    with made as controller:
        yield controller


@pytest.fixture(scope="session")
def account(plane: ControlPlane) -> str:
    """A token of the operator's ServiceAccount, with the rights that are shipped."""
    return install_operator(plane)


@pytest.fixture
def namespace(plane: ControlPlane) -> str:
    """A namespace of the test's own; with the control plane it goes."""
    return make_namespace(plane)


@pytest.fixture(name="world")
async def _world(plane, tfjob_controller, account, namespace, tmp_path):
    """A real API server and TFJob controller; pachd and the node are local ones."""
    async with RealWorld(tmp_path, plane, namespace, account) as world:
        await world.create_repo()
        yield world


@pytest.fixture(name="operator")
async def _operator(world):
    """The operator as its own ServiceAccount, for this namespace alone."""
    async with InProcess(world) as operator:
        yield operator


@contextmanager
def _in_reach() -> Iterator[None]:
    try:
        yield
    except OutOfReachError as error:
        _OUT_OF_REACH.append(str(error))
        pytest.skip(str(error))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what could not be tried."""
    for told in dict.fromkeys(_OUT_OF_REACH):
        terminalreporter.section("NOT TRIED ON A REAL KUBERNETES", red=True, bold=True)
        terminalreporter.write_line(told)

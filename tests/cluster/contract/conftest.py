"""The contract of tests/contract/kube, kept by a real API server.

What the local cluster's API server is held to, the real one must do too, or the tests
would prove nothing: the same modules are collected here a second time, and find this
control plane where they would have started a local server. Tests that kill their
server, or look at the local one's parts alone, stay where they are.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.rig.binaries import KUBECTL, find
from cluster.rig.control_plane import ControlPlane
from contract.kube.access import Access
from contract.kube.conftest import (
    api,
    last_words,
    maps,
    new_group,
    new_widgets,
    widgets,
)
from contract.kube.widgets import definition
from mnist_operator.resource import GROUP, PLURAL, VERSION

__all__ = ["api", "last_words", "maps", "new_widgets", "widgets"]

_CONTRACT = Path(__file__).resolve().parents[2] / "contract" / "kube"


class Contract(pytest.Collector):
    """The modules of the contract."""

    def collect(self) -> Iterator[pytest.Module]:
        for path in sorted(_CONTRACT.glob("test_*.py")):
            node = f"{self.nodeid}/{path.name}"
            yield pytest.Module.from_parent(self, path=path, nodeid=node)


def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> pytest.Collector | None:
    """Collect the contract where this folder would have had a module of its own."""
    if file_path == Path(__file__):
        return Contract.from_parent(parent, name="kube", nodeid=parent.nodeid)
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what needs no server, or one of its own."""
    items[:] = [each for each in items if not _is_elsewhere(each)]


def _is_elsewhere(item: pytest.Item) -> bool:
    if item.getparent(Contract) is None:
        return False
    alone = item.get_closest_marker("own_server") is not None
    return alone or "access" not in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def access(plane: ControlPlane) -> Access:
    return Access.read(plane.kubeconfig)


@pytest.fixture(scope="session")
def group(plane: ControlPlane) -> str:
    """Widgets are defined once: a definition costs a real server a second."""
    group = new_group()
    plane.install(definition(group))
    return group


@pytest.fixture
def trainings(namespace: str) -> str:
    """Where trainings are served, as they are installed."""
    return f"/apis/{GROUP}/{VERSION}/namespaces/{namespace}/{PLURAL}"


@pytest.fixture(scope="session")
def program() -> str:
    return str(find(KUBECTL))

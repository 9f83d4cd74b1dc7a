"""A real API server and TFJob controller, pods on the local node, operators killed."""

import pytest

from crashes.operators import Ground
from crashes.outside import Outside
from crashes.stage import REPORTS, Stage


@pytest.fixture(name="stage")
async def _stage(world):
    """The world's namespace, where the tiny trainer runs in pods."""
    cluster = world.cluster
    ground = Ground(
        world.folder,
        world.namespace,
        cluster.pachd_address,
        cluster.s3_endpoint,
        world.plane.url,
        cluster.kubeconfig,
        cluster.door.ca,
    )
    async with Outside(cluster.pachd_address) as pachd:
        yield Stage(ground, world.kube, pachd)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was gone through."""
    while REPORTS:
        terminalreporter.write_line(REPORTS.pop(0))

"""A control plane where nobody has heard of us, and who installs there."""

import pytest

from cluster.install.administrator import Administrator
from cluster.install.reader import lay_out, type_as
from cluster.rig.control_plane import ControlPlane


@pytest.fixture(name="newcomer", scope="session")
def _newcomer(plane, tmp_path_factory):
    """Who installs and takes away; after each test the cluster is as it was before.

    `plane` is asked for only because it says when none can be had.
    """
    with ControlPlane(tmp_path_factory.mktemp("bare")) as bare:
        yield Administrator(bare)


@pytest.fixture(name="checkout")
def _checkout(tmp_path):
    folder = tmp_path / "checkout"
    folder.mkdir()
    lay_out(folder)
    return folder


@pytest.fixture(name="terminal")
async def _terminal(newcomer, checkout):
    async with type_as(newcomer, checkout) as terminal:
        yield terminal

"""For each test a pachd or a cluster, with what the operator would have left in it."""

import signal

import pytest

from integration.lineage_world import Lineage
from integration.mnistctl_world import Cluster, World, fork_mnistctl
from local_cluster.pachd import Pachd
from mnist_operator.pachyderm import Connection, Pachyderm


@pytest.fixture(autouse=True, scope="session")
def _ctrl_c():
    """A shell's background jobs hand on that Ctrl-C is ignored; a terminal does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(name="pachd")
async def _pachd(tmp_path):
    async with Pachd(tmp_path / "pachd", finish_seconds=0.01) as server:
        yield server


@pytest.fixture(name="world")
async def _world(pachd):
    client = Pachyderm(Connection(pachd.address))
    world = World(client)
    await world.start()
    yield world
    await client.close()


@pytest.fixture(name="make")
async def _make(pachd):
    """For a training whose models have ancestors."""
    client = Pachyderm(Connection(pachd.address))

    async def make(**how):
        return await Lineage(client, **how).start()

    yield make
    await client.close()


@pytest.fixture(name="ask")
async def _ask(pachd):
    async def _run(*arguments, **env):
        return await fork_mnistctl(*arguments, PACHD_ADDRESS=pachd.address, **env)

    return _run


@pytest.fixture(name="cluster")
async def _cluster(tmp_path):
    async with Cluster(tmp_path) as cluster:
        yield cluster


@pytest.fixture(name="get")
async def _get(cluster):
    async def _run(*arguments):
        kubeconfig = str(cluster.kubeconfig)
        return await fork_mnistctl("get", *arguments, KUBECONFIG=kubeconfig)

    return _run


@pytest.fixture(name="home")
def _home(tmp_path):
    """A home folder with a kubeconfig at its usual place, as part of an environment."""

    def _make(server):
        folder = tmp_path / "home"
        (folder / ".kube").mkdir(parents=True)
        server.write_kubeconfig(folder / ".kube" / "config")
        return {"HOME": str(folder)}

    return _make

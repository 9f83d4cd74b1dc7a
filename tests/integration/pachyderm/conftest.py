"""Two servers for the client: the local pachd, and one that a test scripts.

The local pachd answers as a real 2.11.6 does (``tests/contract/pfs`` holds it to
that). A scripted one stands for what a healthy server does not do: end a stream
early, stay silent, refuse, replay 10,000 commits.
"""

import asyncio
from collections.abc import Callable

import grpc.aio
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

from local_cluster.pachd import Pachd
from mnist_operator.commits import Branch, Repo
from mnist_operator.pachyderm import (
    Connection,
    Feeds,
    HeadSeen,
    Pachyderm,
    PutFile,
    wire,
)

DEADLINE_SECONDS = 20.0


@pytest.fixture
async def pachd(tmp_path):
    async with Pachd(tmp_path / "pachd") as server:
        yield server


@pytest.fixture
async def dial():
    """Make clients that are hung up at the end."""
    clients = []

    def _dial(*args, **kwargs):
        clients.append(Pachyderm(Connection(*args, **kwargs)))
        return clients[-1]

    yield _dial
    for client in clients:
        await client.close()


@pytest.fixture
async def client(pachd):
    client = Pachyderm(Connection(pachd.address))
    yield client
    await client.close()


@pytest.fixture
async def repo(client):
    repo = Repo("default", "inputrepo")
    await client.create_repo(repo)
    return repo


@pytest.fixture
def master(repo):
    return Branch(repo, "master")


@pytest.fixture
def push(client, master):
    """Make a commit of one file, and wait until it is finished."""

    async def _push(content=b"data", *, branch=master, path="/data.txt", **finish):
        commit = await client.start_commit(branch, description="")
        await client.modify(branch.repo, commit, [PutFile(path, content)])
        await client.finish_commit(branch.repo, commit, **finish)
        await client.commit(branch.repo, commit, wait_finished=True)
        return commit

    return _push


@pytest.fixture
async def feeds():
    """Feeds that look often: what they find must not depend on the rhythm."""
    feeds = Feeds(
        poll_seconds=0.2,
        fallback_poll_seconds=0.05,
        reconnect_seconds=(0.05, 0.2),
        finish_seconds=0.2,
    )
    yield feeds
    await feeds.close()


@pytest.fixture
def delete_branch(pachd):
    """Delete a branch as a user does; the client never does."""

    async def _delete(branch):
        request = pfs_pb2.DeleteBranchRequest(branch=wire.branch_message(branch))
        await _ask(pachd, "DeleteBranch", request)

    return _delete


@pytest.fixture
def delete_repo(pachd):
    """Delete a repo as a user does."""

    async def _delete(repo):
        request = pfs_pb2.DeleteRepoRequest(repo=wire.repo_message(repo))
        await _ask(pachd, "DeleteRepo", request)

    return _delete


async def _ask(pachd, call, request):
    async with grpc.aio.insecure_channel(pachd.address) as channel:
        await getattr(pfs_pb2_grpc.APIStub(channel), call)(request)


class Follower:
    """Someone who watches a branch and counts the wake-ups."""

    def __init__(self, feeds, client, branch, seen):
        self.wakes = 0
        self.watch = feeds.watch(client, branch, self._wake, seen)

    def _wake(self):
        self.wakes += 1

    @property
    def head(self):
        return self.watch.head

    @property
    def connected(self):
        return self.watch.connected

    def saw(self, commit, *, finished=True):
        return HeadSeen(commit, finished=finished) == self.watch.head


@pytest.fixture
async def follow(feeds, client, master):
    """Watch a branch until the test ends."""
    followers = []

    def _follow(branch=master, seen=None):
        followers.append(Follower(feeds, client, branch, seen))
        return followers[-1]

    yield _follow
    for follower in followers:
        await follower.watch.close()


@pytest.fixture
async def serve():
    """Start a server that answers as the given servicer says."""
    started = []

    async def _serve(servicer: pfs_pb2_grpc.APIServicer) -> Pachyderm:
        server = grpc.aio.server()
        pfs_pb2_grpc.add_APIServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        client = Pachyderm(Connection(f"127.0.0.1:{port}"))
        started.append((server, client))
        return client

    yield _serve
    for server, client in started:
        await client.close()
        await server.stop(None)


@pytest.fixture
def eventually():
    """Wait until something holds; fail after a generous deadline."""

    async def _eventually(holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not holds():
                await asyncio.sleep(0.01)

    return _eventually


@pytest.fixture
async def no_tasks_left(eventually):
    """Fail a test that leaves tasks behind."""
    before = asyncio.all_tasks()
    yield
    await eventually(lambda: not _strangers(before))


def _strangers(before):
    return {
        task
        for task in asyncio.all_tasks() - before
        if task.get_name().startswith(("head", "finish", "subscription"))
    }

"""A world for each test, with the input repo; an operator where one is asked for.

Nothing is mocked but the outside: the operator is the real one, with the real kopf
and the real clients, and the cluster answers it over sockets. What a test orders
to happen it waits for; nothing sleeps in the hope that it has happened.
"""

import shutil
from asyncio import to_thread
from functools import partial
from pathlib import Path

import grpc.aio
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

from integration.watching import JobWatch
from integration.world import until
from mnist_operator.pachyderm import wire

collect_ignore = [] if shutil.which("kubectl") else ["test_kubectl_story.py"]


@pytest.fixture(name="watch")
async def _watch(world):
    """Every TFJob there ever was, and how many at once."""
    async with JobWatch(world.kube) as watch:
        yield watch


class Gate:
    """A file that a trainer waits for; made open, it stays open."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    async def reached(self) -> None:
        """Wait until a trainer has read its data and stands before it."""
        sign = self._path.with_name(f"{self._path.name}.reached")
        await until(partial(to_thread, sign.exists), "a trainer at the gate")
        sign.unlink()

    def open(self) -> None:
        self._path.touch()

    def shut(self) -> None:
        self._path.unlink()


@pytest.fixture(name="gate")
def _gate(tmp_path):
    """Hold trainers whose data says ``wait_for=str(gate)``."""
    gate = Gate(tmp_path / "gate")
    yield gate
    gate.open()


@pytest.fixture(name="gates")
def _gates(tmp_path):
    """The same, one for each of several pushes."""
    gates = [Gate(tmp_path / f"gate-{place}") for place in range(5)]
    yield gates
    for gate in gates:
        gate.open()


class Pachctl:
    """What a user may do to Pachyderm, and the operator never does."""

    def __init__(self, stub: pfs_pb2_grpc.APIStub) -> None:
        self._stub = stub

    async def squash(self, commit: str) -> None:
        chosen = pfs_pb2.CommitSet(id=commit)
        await self._stub.SquashCommitSet(
            pfs_pb2.SquashCommitSetRequest(commit_set=chosen)
        )

    async def drop(self, commit: str) -> None:
        chosen = pfs_pb2.CommitSet(id=commit)
        await self._stub.DropCommitSet(pfs_pb2.DropCommitSetRequest(commit_set=chosen))

    async def delete_branch(self, branch) -> None:
        request = pfs_pb2.DeleteBranchRequest(branch=wire.branch_message(branch))
        await self._stub.DeleteBranch(request)

    async def delete_repo(self, repo) -> None:
        request = pfs_pb2.DeleteRepoRequest(repo=wire.repo_message(repo), force=True)
        await self._stub.DeleteRepo(request)

    async def move_by_trigger(self, branch, by, *, commits: int) -> None:
        trigger = pfs_pb2.Trigger(branch=by.name, commits=commits)
        message = wire.branch_message(branch)
        request = pfs_pb2.CreateBranchRequest(branch=message, trigger=trigger)
        await self._stub.CreateBranch(request)


@pytest.fixture(name="pachctl")
async def _pachctl(world):
    async with grpc.aio.insecure_channel(world.cluster.pachd_address) as channel:
        yield Pachctl(pfs_pb2_grpc.APIStub(channel))

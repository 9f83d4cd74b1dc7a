"""Repos and branches: what is there, what is not, and moving a head."""

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

from mnist_operator.commits import Branch, Repo
from mnist_operator.errors import ConflictError, InvalidSpecError, NotFoundError

_NOWHERE = Branch(Repo("default", "nowhere"), "master")


async def test_a_repo_can_be_made_twice(client, repo):
    await client.create_repo(repo, "again")

    assert await client.repo_exists(repo)
    assert await client.repo_exists(repo)


async def test_a_missing_repo_is_no_error(client):
    assert not await client.repo_exists(_NOWHERE.repo)
    assert not await client.branch_exists(_NOWHERE)
    assert await client.branch_head_id(_NOWHERE) is None
    assert await client.head(_NOWHERE) is None


async def test_a_repo_without_the_branch_is_no_error(client, master):
    assert not await client.branch_exists(master)
    assert await client.head(master) is None


async def test_a_name_that_cannot_be_is_the_users_to_change(client):
    with pytest.raises(InvalidSpecError, match="in/put"):
        await client.create_repo(Repo("default", "in/put"))


async def test_the_head_is_the_newest_commit(client, master, push):
    await push(b"one")
    newest = await push(b"two")

    assert newest == await client.branch_head_id(master)
    assert newest == (await client.head(master)).id


async def test_a_head_moved_back_is_the_head(client, master, push):
    first = await push(b"one")
    await push(b"two")

    await client.create_branch(master, head=first)

    assert first == await client.branch_head_id(master)


async def test_another_branch_may_point_at_the_same_commit(client, master, push):
    commit = await push()
    pin = Branch(master.repo, "pin")

    await client.create_branch(pin, head=commit)

    assert commit == await client.branch_head_id(pin)


class _Restless(pfs_pb2_grpc.APIServicer):
    """A pachd whose head is dropped whenever someone looks at it."""

    def __init__(self, drops):
        self.drops = drops

    async def InspectBranch(self, request, context):  # noqa: N802
        return pfs_pb2.BranchInfo(head=pfs_pb2.Commit(id=f"c{self.drops}"))

    async def InspectCommit(self, request, context):  # noqa: N802
        if self.drops:
            self.drops -= 1
            await context.abort(grpc.StatusCode.NOT_FOUND, "commit c not found")
        return pfs_pb2.CommitInfo(commit=request.commit)


async def test_a_head_dropped_under_the_look_is_looked_at_again(serve):
    client = await serve(_Restless(drops=1))

    assert "c0" == (await client.head(_NOWHERE)).id


async def test_a_head_that_never_rests_is_not_taken_for_missing(serve):
    client = await serve(_Restless(drops=100))

    with pytest.raises(ConflictError, match="moves too fast"):
        await client.head(_NOWHERE)


async def test_a_repo_in_a_missing_project_is_an_error(serve):
    client = await serve(_NoProject())

    with pytest.raises(NotFoundError):
        await client.create_repo(Repo("nowhere", "inputrepo"))


class _NoProject(pfs_pb2_grpc.APIServicer):
    """A pachd without the project."""

    async def CreateRepo(self, request, context):  # noqa: N802
        details = f"project {request.repo.project.name} not found"
        await context.abort(grpc.StatusCode.NOT_FOUND, details)

"""One commit's life, as the client sees it: open, finishing, finished, errored."""

import asyncio

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

from local_cluster.faults import Fault
from mnist_operator.commits import Branch, CommitState, Repo
from mnist_operator.errors import (
    AlreadyFinishedError,
    ConflictError,
    HeadOpenError,
    UnreachableError,
)
from mnist_operator.pachyderm import PutFile


class _Subvenant(pfs_pb2_grpc.APIServicer):
    """A pachd whose every commit has something downstream."""

    async def DropCommitSet(self, request, context):  # noqa: N802
        await context.abort(
            grpc.StatusCode.UNKNOWN,
            f'commit set "id:{request.commit_set.id}" cannot be dropped because it '
            "has subvenant commit sets: [c2]",
        )


class _Pipelined(pfs_pb2_grpc.APIServicer):
    """A pachd whose every commit is made by a pipeline, of data and its own spec."""

    async def InspectCommit(self, request, context):  # noqa: N802
        found = pfs_pb2.CommitInfo(commit=request.commit)
        for name, kind in (("inputrepo", "spec"), ("raw", "user")):
            project = pfs_pb2.Project(name="default")
            repo = pfs_pb2.Repo(name=name, type=kind, project=project)
            found.direct_provenance.add(repo=repo, id=request.commit.id)
        return found


async def test_the_specification_of_a_pipeline_is_no_data(serve):
    client, name = await serve(_Pipelined()), "1c9cdee3608a43fd9b281012f7f55f7a"

    found = await client.commit(Repo("default", "inputrepo"), name)

    assert ((Repo("default", "raw"), name),) == found.provenance


async def test_an_open_commit_is_seen_as_open(client, master):
    started = await client.start_commit(master, description='{"n": 1}')

    found = await client.commit(master.repo, started)

    assert CommitState.OPEN is found.state
    assert ('{"n": 1}', None, master.repo) == (
        found.description,
        found.parent,
        found.repo,
    )


async def test_waiting_ends_when_the_commit_is_finished(client, master):
    started = await client.start_commit(master, description="")
    waiting = asyncio.create_task(
        client.commit(master.repo, started, wait_finished=True)
    )

    await client.finish_commit(master.repo, started, description="at the end")

    found = await waiting
    assert CommitState.FINISHED is found.state
    assert "at the end" == found.description


async def test_waiting_for_a_commit_left_open_ends_with_the_deadline(client, master):
    started = await client.start_commit(master, description="")

    found = await client.commit(master.repo, started, wait_finished=True, timeout=0.1)

    assert CommitState.OPEN is found.state


async def test_the_id_of_what_was_made_from_a_commit_is_not_its_own(
    client, master, push
):
    source, made = await push(), Branch(Repo("default", "made"), "master")
    await client.create_repo(made.repo)
    await client.create_branch(made, provenance=[master])
    alias = await client.branch_head_id(made)

    assert source == (await client.commit(master.repo, source)).id
    assert await client.commit(master.repo, alias) is None


async def test_an_errored_commit_is_the_head_and_says_why(client, master, push):
    first = await push()
    second = await push(b"junk", error="bad data")

    head = await client.head(master)

    assert (second, first, "bad data") == (head.id, head.parent, head.error)
    assert CommitState.ERRORED is head.state


async def test_a_file_where_a_directory_is_makes_an_errored_commit(client, push, repo):
    await push(path="/data/x")

    clash = await push(path="/data")

    found = await client.commit(repo, clash)
    assert CommitState.ERRORED is found.state
    assert "collision" in found.error


async def test_a_second_commit_on_an_open_head_is_refused(client, master):
    opened = await client.start_commit(master, description="")

    with pytest.raises(HeadOpenError) as told:
        await client.start_commit(master, description="")
    assert f"finish commit {master.repo.name}@{opened}" in str(told.value)


async def test_finishing_twice_is_refused(client, push, repo):
    commit = await push()

    with pytest.raises(AlreadyFinishedError):
        await client.finish_commit(repo, commit)


async def test_writing_to_a_finished_commit_is_refused(client, push, repo):
    commit = await push()

    with pytest.raises(AlreadyFinishedError):
        await client.modify(repo, commit, [PutFile("/late", b"zombie")])


async def test_a_commit_that_never_was_is_none(client, repo):
    assert await client.commit(repo, "00000000000000000000000000000000") is None
    assert (
        await client.commit(
            repo, "00000000000000000000000000000000", wait_finished=True
        )
        is None
    )


async def test_a_dropped_commit_is_none_and_can_be_dropped_again(client, push, repo):
    commit = await push()

    await client.drop_commit(repo, commit)
    await client.drop_commit(repo, commit)

    assert await client.commit(repo, commit) is None


async def test_an_abandoned_commit_keeps_nothing_of_what_was_written(
    client, master, push
):
    await push(b"good")
    given_up = await client.start_commit(master, description="")
    await client.modify(master.repo, given_up, [PutFile("/data.txt", b"half")])

    await client.clear_commit(master.repo, given_up)
    await client.finish_commit(master.repo, given_up, error="abandoned")

    found = await client.commit(master.repo, given_up, wait_finished=True)
    assert "abandoned" == found.error
    assert b"good" == await client.read(master.repo, given_up, "/data.txt")


async def test_data_that_something_came_from_cannot_be_dropped(serve):
    client = await serve(_Subvenant())

    with pytest.raises(ConflictError, match="subvenant"):
        await client.drop_commit(Repo("default", "inputrepo"), "c1")


async def test_an_answer_that_gets_lost_is_unreachable(pachd, client, master):
    pachd.faults.add(
        Fault(
            "pfs.StartCommit",
            (grpc.StatusCode.UNAVAILABLE, "Socket closed"),
            after=True,
        )
    )

    with pytest.raises(UnreachableError):
        await client.start_commit(master, description="mine")

    assert "mine" == (await client.head(master)).description

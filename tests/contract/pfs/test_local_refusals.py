"""What is refused, in the words of pachd's source: the recording has none of it."""

import asyncio

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb

from contract.pfs.aio_clients import AioClient, refused, set_of
from local_cluster.pachd import Pachd


async def test_a_commit_whose_child_is_not_finished_is_not_squashed(client):
    first = await client.push({"/a": b"1"})
    child = await client.start()
    request = pb.SquashCommitSetRequest(commit_set=set_of(first))

    before = await refused(client.call("SquashCommitSet", request))
    await client.finish(child)
    await client.wait(child)
    await client.call("SquashCommitSet", request)

    assert f"until child commit default/in@{child.id} is finished" in before
    assert b"1" == await client.get(child, "/a")


async def test_whoever_waits_for_a_commit_is_told_that_it_was_dropped(client):
    only = await client.start()
    waiting = asyncio.create_task(client.wait(only))
    # Two calls later it waits: both take the way that it takes.
    await client.inspect(only)
    await client.inspect(only)
    await client.call("DropCommitSet", pb.DropCommitSetRequest(commit_set=set_of(only)))

    words = await refused(waiting)

    assert f"commit default/in@{only.id} was deleted" in words


async def test_nothing_is_read_before_what_it_stands_on_is_finished(tmp_path):
    slow = Pachd(tmp_path, finish_seconds=3600)
    async with slow, AioClient(slow.address) as client:
        await client.create_repo()
        base = await client.start()
        await client.put(base, {"/a": b"1"})
        await client.finish(base)
        commit = await client.start()
        await client.put(commit, {"/a": b"2"})

        words = await refused(client.paths(commit))

        assert f"base commit default/in@{base.id} for commit" in words
        assert words.endswith(f"default/in@{commit.id} unfinished")
        assert ["/a"] == await client.paths(base)


async def test_a_finished_commit_cannot_be_cleared(client):
    commit = await client.push({"/a": b"1"})

    request = pb.ClearCommitRequest(commit=commit)

    assert "cannot clear finished commit" == await refused(
        client.call("ClearCommit", request)
    )


async def test_copying_what_is_not_there_copies_nothing(client):
    source = await client.push({"/a": b"1"}, branch="source")
    commit = await client.start()
    copied = {"dst": "/b", "src": {"commit": source, "path": "/nope"}}
    stream = [
        pb.ModifyFileRequest(set_commit=commit),
        pb.ModifyFileRequest(copy_file=copied),
    ]

    await client.stub.ModifyFile(iter(stream))

    assert [] == await client.paths(commit)


async def test_a_commit_with_children_cannot_be_dropped(client):
    first = await client.push({"/a": b"1"})
    await client.push({"/a": b"2"})
    request = pb.DropCommitSetRequest(commit_set=set_of(first))

    words = await refused(client.call("DropCommitSet", request))

    assert f"cannot drop a commit that has children: default/in@{first.id}" == words


async def test_a_branch_that_others_descend_from_cannot_be_deleted(client):
    await client.push({"/a": b"1"})
    await client.derive()

    words = await refused(
        client.call("DeleteBranch", pb.DeleteBranchRequest(branch=client.branch()))
    )

    assert "direct provenance of [default/out@master]" in words


async def test_a_commit_cannot_be_started_on_a_branch_with_provenance(client):
    await client.push({"/a": b"1"})
    output = await client.derive()
    inspected = pb.InspectBranchRequest(branch=output)
    await client.finish((await client.call("InspectBranch", inspected)).head)

    words = await refused(
        client.call("StartCommit", pb.StartCommitRequest(branch=output))
    )

    assert "output branch" in words


@pytest.mark.parametrize(
    ("path", "why"),
    [
        pytest.param("/größe", "only printable ASCII", id="not ASCII"),
        pytest.param("/a\nb", "only printable ASCII", id="a line break"),
        pytest.param("", "only printable ASCII", id="none"),
        pytest.param("/a+b", "globbing character (+) not allowed", id="plus"),
        pytest.param("/a[1]", "globbing character ([) not allowed", id="brackets"),
        pytest.param("/../a", "relative file paths", id="the folder above"),
    ],
)
async def test_a_path_that_reading_would_take_for_another_is_refused(client, path, why):
    commit = await client.start()

    words = await refused(client.put(commit, {path: b"x"}))

    assert f"path ({path}) invalid: {why}" in words
    assert [] == await client.paths(commit)


@pytest.mark.parametrize("files", [{}, {"/dir/b": b"22"}], ids=["empty", "some"])
async def test_a_walk_has_its_own_words_for_a_path_that_is_not_there(client, files):
    commit = await client.push(files)
    gone = pb.WalkFileRequest(file=pb.File(commit=commit, path="/nope/"))

    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await client.listing("WalkFile", gone)

    assert grpc.StatusCode.NOT_FOUND == refusal.value.code()
    words = f"commit/{commit.id} does not contain item: (/nope)"
    assert words == refusal.value.details()


async def test_a_stream_must_say_first_what_it_writes_to(client):
    added = pb.ModifyFileRequest(add_file={"path": "/a", "raw": {"value": b"a"}})

    words = await refused(client.stub.ModifyFile(iter([added])))

    assert "must be a commit" in words

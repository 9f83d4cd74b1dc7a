"""What the local pachd acknowledged is there after it was killed."""

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb

from contract.pfs.aio_clients import AioClient
from local_cluster.pachd import Pachd


async def test_commits_files_and_branches_are_there_again(tmp_path):
    pachd = Pachd(tmp_path)
    await pachd.start()
    async with AioClient(pachd.address) as client:
        await client.create_repo()
        first = await client.push({"/a": b"one"})
        second = await client.push({"/a": b"two", "/dir/b": b"more"})
        before = await client.inspect(second)

        await pachd.kill()
        await pachd.start()

        assert [second.id, first.id] == await client.commits()
        assert before == await client.inspect(second)
        assert b"onetwo" == await client.get(second, "/a")
        assert ["/a"] == await client.paths(first)
        request = pb.InspectBranchRequest(branch=client.branch())
        assert second == (await client.call("InspectBranch", request)).head
    await pachd.stop()


async def test_an_open_commit_can_be_written_and_finished_after_a_restart(tmp_path):
    pachd = Pachd(tmp_path)
    await pachd.start()
    async with AioClient(pachd.address) as client:
        await client.create_repo()
        commit = await client.start()
        await client.put(commit, {"/a": b"before"})

        await pachd.kill()
        await pachd.start()

        assert not (await client.inspect(commit)).HasField("finishing")
        await client.put(commit, {"/b": b"after"})
        await client.finish(commit)
        assert len("beforeafter") == (await client.wait(commit)).details.size_bytes
    await pachd.stop()


async def test_a_commit_that_was_finishing_finishes_after_a_restart(tmp_path):
    slow = Pachd(tmp_path, finish_seconds=3600)
    await slow.start()
    async with AioClient(slow.address) as client:
        await client.create_repo()
        commit = await client.start()
        await client.put(commit, {"/a": b"a"})
        await client.finish(commit)
        finishing = await client.inspect(commit)
        assert finishing.HasField("finishing")
        assert not finishing.HasField("finished")
    await slow.kill()

    async with Pachd(tmp_path) as pachd, AioClient(pachd.address) as client:
        assert (await client.wait(commit)).HasField("finished")


async def test_a_file_set_is_there_again(tmp_path):
    pachd = Pachd(tmp_path)
    await pachd.start()
    async with AioClient(pachd.address) as client:
        await client.create_repo()
        added = pb.ModifyFileRequest(add_file={"path": "/a", "raw": {"value": b"a"}})
        made = await client.stub.CreateFileSet(iter([added]))

        await pachd.kill()
        await pachd.start()

        commit = await client.start()
        request = pb.AddFileSetRequest(commit=commit, file_set_id=made.file_set_id)
        await client.call("AddFileSet", request)
        assert b"a" == await client.get(commit, "/a")
    await pachd.stop()


async def test_what_was_half_received_is_swept_away(tmp_path):
    async with Pachd(tmp_path):
        torn = tmp_path / "blobs" / "incoming" / "torn"
        torn.write_bytes(b"half a mod")

    async with Pachd(tmp_path):
        assert not torn.exists()


async def test_a_call_that_fails_in_the_middle_changes_nothing(tmp_path):
    async with Pachd(tmp_path) as pachd, AioClient(pachd.address) as client:
        await client.create_repo()
        other = pb.Repo(name="out", type="user")
        await client.call("CreateRepo", pb.CreateRepoRequest(repo=other))
        # The source branch is made first, then the target's repo turns out missing.
        request = pb.CreateBranchRequest(
            branch=pb.Branch(repo=other, name="master"),
            provenance=[
                client.branch("made-on-the-way"),
                pb.Branch(repo=pb.Repo(name="nope", type="user"), name="master"),
            ],
        )
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await client.call("CreateBranch", request)

        assert grpc.StatusCode.NOT_FOUND == refusal.value.code()
        for repo in (client.repo, other):
            request = pb.ListBranchRequest(repo=repo)
            assert [] == await client.listing("ListBranch", request)
        assert [] == await client.commits()

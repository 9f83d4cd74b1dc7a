"""Branches that pachd moves by itself, as its source says."""

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb

from contract.pfs.aio_clients import AioClient, refused
from local_cluster.pachd import Pachd


@pytest.fixture
def trigger(client):
    """Have one branch moved by another, each so many commits."""

    async def _trigger(name, by, **wanted):
        wanted = {"commits": 2} | wanted
        made = pb.CreateBranchRequest(
            branch=client.branch(name), trigger=pb.Trigger(branch=by, **wanted)
        )
        await client.call("CreateBranch", made)

    return _trigger


async def _head(client, name="master"):
    request = pb.InspectBranchRequest(branch=client.branch(name))
    return (await client.call("InspectBranch", request)).head


async def test_each_second_commit_moves_the_branch(client, trigger):
    await trigger("master", "staging")
    empty = await _head(client)
    heads = []
    pushed = [await _push(client, heads, n) for n in range(5)]

    assert [empty, pushed[1], pushed[1], pushed[3], pushed[3]] == heads


async def _push(client, heads, number):
    commit = await client.push({"/a": f"{number}".encode()}, "staging")
    heads.append(await _head(client))
    return commit


async def test_a_branch_that_was_moved_moves_others(client, trigger):
    await trigger("master", "staging", commits=1)
    await trigger("production", "master", commits=1)

    commit = await client.push({"/a": b"1"}, "staging")

    assert [commit] * 2 == [await _head(client, n) for n in ("master", "production")]


async def test_a_commit_that_was_given_up_moves_nothing(client, trigger):
    await trigger("master", "staging", commits=1)
    before = await _head(client)
    commit = await client.start("staging")
    await client.call("FinishCommit", pb.FinishCommitRequest(commit=commit, error="x"))
    await client.wait(commit)

    assert before == await _head(client)


async def test_a_trigger_stays_when_the_branch_is_moved_by_hand(client, trigger):
    await trigger("master", "staging", commits=1)
    first = await client.push({"/a": b"1"}, "staging")
    second = await client.push({"/a": b"2"}, "staging")
    request = pb.CreateBranchRequest(branch=client.branch(), head=first)
    await client.call("CreateBranch", request)
    moved = await _head(client)
    third = await client.push({"/a": b"3"}, "staging")

    assert [first, third] == [moved, await _head(client)]
    assert second not in (moved, third)


async def test_a_trigger_outlives_the_server(tmp_path):
    async with Pachd(tmp_path) as pachd, AioClient(pachd.address) as client:
        await client.create_repo()
        trigger = pb.Trigger(branch="staging", commits=1)
        request = pb.CreateBranchRequest(branch=client.branch(), trigger=trigger)
        await client.call("CreateBranch", request)
        await pachd.stop()
        await pachd.start()
        commit = await client.push({"/a": b"1"}, "staging")

        assert commit == await _head(client)


@pytest.mark.parametrize("wanted", [{"size": "1MB"}, {"commits": 0}])
async def test_a_trigger_that_is_not_kept_to_is_refused(client, trigger, wanted):
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await trigger("master", "staging", **wanted)

    assert grpc.StatusCode.UNIMPLEMENTED == refusal.value.code()


async def test_a_branch_has_a_trigger_or_provenance(client):
    output = await client.derive()
    request = pb.CreateBranchRequest(
        branch=output,
        provenance=[client.branch()],
        trigger=pb.Trigger(branch="staging", commits=1),
    )

    words = await refused(client.call("CreateBranch", request))

    assert "a branch cannot have both provenance and a trigger" == words

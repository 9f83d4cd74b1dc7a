"""Faults ordered from a test strike where, when and as often as they were ordered."""

import asyncio

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb

from contract.pfs.aio_clients import s3_call
from contract.pfs.clients import S3
from local_cluster.faults import Fault

UNAVAILABLE = (grpc.StatusCode.UNAVAILABLE, "ordered by a test")


async def _refused(awaitable) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await awaitable
    return refusal.value


async def test_a_fault_before_the_effect_leaves_nothing_behind(pachd, client):
    pachd.faults.add(Fault("pfs.StartCommit", UNAVAILABLE))

    refusal = await _refused(client.start())

    assert UNAVAILABLE == (refusal.code(), refusal.details())
    assert [] == await client.commits()


async def test_a_fault_after_the_effect_loses_only_the_answer(pachd, client):
    pachd.faults.add(Fault("pfs.StartCommit", UNAVAILABLE, after=True))

    refusal = await _refused(client.start())

    assert UNAVAILABLE == (refusal.code(), refusal.details())
    assert 1 == len(await client.commits())


async def test_a_fault_strikes_once_unless_told_otherwise(pachd, client):
    pachd.faults.add(Fault("pfs.StartCommit", UNAVAILABLE))
    await _refused(client.start())

    await client.start()

    assert [] == list(pachd.faults)


async def test_a_lasting_fault_for_many_calls_ends_when_it_is_cleared(pachd, client):
    pachd.faults.add(Fault("pfs.*", UNAVAILABLE, times=None))
    for _ in range(3):
        await _refused(client.commits())
        await _refused(client.start())

    pachd.faults.clear()

    await client.start()


async def test_a_delay_outlasts_a_clients_patience(pachd, client):
    pachd.faults.add(Fault("pfs.InspectRepo", delay_seconds=3600))
    request = pb.InspectRepoRequest(repo=client.repo)

    refusal = await _refused(client.call("InspectRepo", request, timeout=0.2))

    assert grpc.StatusCode.DEADLINE_EXCEEDED == refusal.code()


async def test_a_dropped_modify_file_writes_nothing(pachd, client):
    commit = await client.start()
    pachd.faults.add(Fault("pfs.ModifyFile", drop=True))

    refusal = await _refused(client.put(commit, {"/a": b"a"}))

    assert grpc.StatusCode.UNAVAILABLE == refusal.code()
    assert [] == await client.paths(commit)


async def test_a_subscription_is_cut_after_a_message(pachd, client):
    first = await client.push({"/a": b"1"})
    await client.push({"/a": b"2"})
    pachd.faults.add(Fault("pfs.SubscribeCommit", drop=True, after=True))
    request = pb.SubscribeCommitRequest(repo=client.repo, state=pb.STARTED, all=True)

    call = client.stub.SubscribeCommit(request, timeout=30)

    delivered = await call.read()
    refusal = await _refused(call.read())

    assert first == delivered.commit
    assert grpc.StatusCode.UNAVAILABLE == refusal.code()


async def test_an_idle_subscription_is_cut_while_other_calls_go_on(pachd, client):
    await client.push({"/a": b"1"})
    request = pb.SubscribeCommitRequest(repo=client.repo, state=pb.STARTED, all=True)
    call = client.stub.SubscribeCommit(request, timeout=30)
    await call.read()

    pachd.cut_streams()

    refusal = await _refused(call.read())
    assert grpc.StatusCode.UNAVAILABLE == refusal.code()
    assert 1 == len(await client.commits())


async def test_an_s3_fault_before_and_after_the_effect(pachd, client):
    s3 = S3(pachd.s3_endpoint)
    commit = await client.start()
    bucket = f"{commit.id}.master.in"
    pachd.faults.add(Fault("s3.PutObject", (503, "slow down")))
    pachd.faults.add(Fault("s3.PutObject", (500, "lost"), after=True))

    refused = await s3_call(s3, "put_object", Bucket=bucket, Key="a", Body=b"a")
    lost = await s3_call(s3, "put_object", Bucket=bucket, Key="b", Body=b"b")

    assert [503, 500] == [answer["error"]["status"] for answer in (refused, lost)]
    assert ["/b"] == await client.paths(commit)


async def test_a_dropped_s3_connection_is_no_answer_at_all(pachd, client):
    await client.push({"/a": b"1"})
    pachd.faults.add(Fault("s3.GetObject", drop=True))

    async with asyncio.timeout(30):
        reader, writer = await asyncio.open_connection(*pachd.s3_endpoint.split(":"))
        writer.write(b"GET /master.in/a HTTP/1.1\r\nHost: pachd\r\n\r\n")
        assert b"" == await reader.read()
        writer.close()


async def test_a_killed_server_ends_streams_and_refuses_calls(pachd, client):
    await client.push({"/a": b"1"})
    request = pb.SubscribeCommitRequest(repo=client.repo, state=pb.STARTED, all=True)
    call = client.stub.SubscribeCommit(request, timeout=30)
    await call.read()

    await pachd.kill()

    refusals = [
        await _refused(call.read()),
        await _refused(
            client.stub.InspectRepo(pb.InspectRepoRequest(repo=client.repo))
        ),
    ]
    assert [grpc.StatusCode.UNAVAILABLE] * 2 == [each.code() for each in refusals]


async def test_a_put_that_breaks_off_leaves_nothing(pachd, client, tmp_path):
    commit = await client.start()
    _, writer = await asyncio.open_connection(*pachd.s3_endpoint.split(":"))
    head = f"PUT /{commit.id}.master.in/a HTTP/1.1\r\nHost: pachd\r\n"
    writer.write(f"{head}Content-Length: 1000\r\n\r\n".encode() + b"half")
    await _until(lambda: any((tmp_path / "blobs" / "incoming").iterdir()))

    writer.close()
    await writer.wait_closed()

    await _until(lambda: not any((tmp_path / "blobs" / "incoming").iterdir()))
    assert [] == await client.paths(commit)


async def test_a_modify_file_that_its_client_gives_up_leaves_nothing(client, tmp_path):
    commit = await client.start()
    call = client.stub.ModifyFile(timeout=30)
    await call.write(pb.ModifyFileRequest(set_commit=commit))
    added = {"path": "/a", "raw": {"value": b"half"}}
    await call.write(pb.ModifyFileRequest(add_file=added))
    await _until(lambda: len(list((tmp_path / "blobs").iterdir())) > 1)

    call.cancel()

    assert [] == await client.paths(commit)


async def _until(reached) -> None:
    """Look again until something has happened that nobody tells about."""
    async with asyncio.timeout(30):
        while not reached():
            await asyncio.sleep(0.01)

"""What the S3 gateway does beyond the recording: large files, pages, odd targets."""

from pathlib import Path

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb

from contract.pfs.aio_clients import s3_call
from contract.pfs.clients import S3, Grpc
from contract.pfs.processes import Process

MEBIBYTE = 1 << 20


@pytest.fixture
def s3(pachd):
    return S3(pachd.s3_endpoint)


def _high_water_mark(process: int) -> int:
    """Return how much memory a process ever held at once."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise LookupError("the kernel does not tell")


def test_a_large_object_goes_through_in_little_memory(tmp_path):
    server = Process(tmp_path)
    server.start()
    try:
        client, s3 = Grpc(server.address), S3(server.s3_endpoint)
        client.create_repo("in")
        bucket = f"{client.start('in', 'master')}.master.in"
        s3.call("put_object", {"Bucket": bucket, "Key": "small", "Body": b"s"})
        before = _high_water_mark(server.pid)

        size = 128 * MEBIBYTE
        put = s3.call(
            "put_object", {"Bucket": bucket, "Key": "big", "Body": bytes(size)}
        )
        got = s3.call("get_object", {"Bucket": bucket, "Key": "big"})

        assert size == got["body_len"]
        assert put["response"]["ETag"] == got["response"]["ETag"]
        # Each thread that ever moved a piece keeps a few MiB, and a busy machine
        # starts more of them: a handful is bounded, the object's size is not.
        assert _high_water_mark(server.pid) - before < size // 4
        client.close()
    finally:
        server.stop()


async def test_copying_by_reference_stores_nothing_anew(pachd, client, tmp_path):
    source = await client.push({"/big": bytes(MEBIBYTE)}, branch="source")
    before = sorted((tmp_path / "blobs").iterdir())
    commit = await client.start()

    async def requests():
        yield pb.ModifyFileRequest(set_commit=commit)
        copied = {"dst": "/copy", "src": {"commit": source, "path": "/big"}}
        yield pb.ModifyFileRequest(copy_file=copied)

    await client.stub.ModifyFile(requests())

    assert bytes(MEBIBYTE) == await client.get(commit, "/copy")
    assert before == sorted((tmp_path / "blobs").iterdir())


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        pytest.param("bytes=2-4", 206, "234", id="from the middle"),
        pytest.param("bytes=7-", 206, "789", id="to the end"),
        pytest.param("bytes=-2", 206, "89", id="the last two"),
        pytest.param("bytes=8-99", 206, "89", id="beyond the end"),
        pytest.param("bytes=0-9", 200, "0123456789", id="all of it"),
    ],
)
async def test_a_range_is_a_part_of_the_file(client, s3, asked, status, body):
    # Two commits, so that the range reaches across the parts of the file.
    await client.push({"/a": b"01234"})
    await client.push({"/a": b"56789"})

    answer = await s3_call(s3, "get_object", Bucket="in", Key="a", Range=asked)

    assert (status, body) == (answer["status"], answer["body"])


async def test_a_range_behind_the_end_is_refused(client, s3):
    await client.push({"/a": b"0"})

    answer = await s3_call(s3, "get_object", Bucket="in", Key="a", Range="bytes=5-")

    assert 416 == answer["error"]["status"]


async def test_pages_go_on_by_marker_and_version_2_stops_after_the_first(client, s3):
    await client.push({f"/{name}": b"x" for name in "abc"})

    first = await s3_call(s3, "list_objects", Bucket="in", MaxKeys=2)
    marker = first["response"]["NextMarker"]
    second = await s3_call(s3, "list_objects", Bucket="in", Marker=marker)
    modern = await s3_call(s3, "list_objects_v2", Bucket="in", MaxKeys=2)

    assert first["response"]["IsTruncated"]
    assert ["a", "b"] == [row["Key"] for row in first["response"]["Contents"]]
    assert ["c"] == [row["Key"] for row in second["response"]["Contents"]]
    assert "NextContinuationToken" not in modern["response"]


async def test_a_put_on_a_finished_head_is_a_commit_of_its_own(client, s3):
    await client.push({"/a": b"a"})

    answer = await s3_call(s3, "put_object", Bucket="in", Key="b", Body=b"b")

    made = pb.Commit(id=answer["response"]["VersionId"], repo=client.repo)
    await client.wait(made)
    assert ["/a", "/b"] == await client.paths(made)
    assert made.id == (await client.commits())[0]


async def test_a_put_that_changes_a_file_replaces_it(client, s3):
    await client.push({"/a": b"older"})

    await s3_call(s3, "put_object", Bucket="in", Key="a", Body=b"new")

    answer = await s3_call(s3, "get_object", Bucket="in", Key="a")
    assert "new" == answer["body"]


async def test_a_put_on_a_branch_with_provenance_is_refused(client, s3):
    await client.push({"/a": b"a"})
    branch = await client.derive()
    head = await client.call("InspectBranch", pb.InspectBranchRequest(branch=branch))
    await client.finish(head.head)

    answer = await s3_call(s3, "put_object", Bucket="out", Key="a", Body=b"a")

    assert 400 == answer["error"]["status"]


async def test_the_bucket_of_a_missing_commit_is_an_internal_error(client, s3):
    await client.push({"/a": b"a"})
    bucket = "0123456789ab4cdea123456789abcdef.master.in"

    answer = await s3_call(s3, "get_object", Bucket=bucket, Key="a")

    assert (500, "InternalError") == (
        answer["error"]["status"],
        answer["error"]["code"],
    )


async def test_the_bucket_of_a_commit_goes_with_the_branch_in_its_name(client, s3):
    await client.push({"/a": b"master"})
    commit = await client.push({"/a": b"side"}, branch="side")
    request = pb.DeleteBranchRequest(branch=client.branch("side"))
    await client.call("DeleteBranch", request)

    gone = await s3_call(s3, "get_object", Bucket=f"{commit.id}.side.in", Key="a")
    named = await s3_call(s3, "get_object", Bucket=f"{commit.id}.master.in", Key="a")

    assert (404, "NoSuchBucket") == (gone["error"]["status"], gone["error"]["code"])
    assert "side" == named["body"]


async def test_a_put_without_a_length_is_refused(client, s3):
    commit = await client.start()

    answer = await s3_call(
        s3,
        "put_object",
        Bucket=f"{commit.id}.master.in",
        Key="a",
        Body=b"a",
        ContentEncoding="aws-chunked",
    )

    assert "MissingContentLength" == answer["error"]["code"]
    assert [] == await client.paths(commit)


@pytest.mark.parametrize("key", ["a+b", "a(1)", "user@host", "a/"])
async def test_a_key_that_is_no_path_is_refused(client, s3, key):
    commit = await client.start()
    bucket = f"{commit.id}.master.in"

    answer = await s3_call(s3, "put_object", Bucket=bucket, Key=key, Body=b"a")

    assert (400, "InvalidFilePath") == (
        answer["error"]["status"],
        answer["error"]["code"],
    )
    assert [] == await client.paths(commit)


async def test_a_damaged_upload_is_refused(client, s3):
    commit = await client.start()

    answer = await s3_call(
        s3,
        "put_object",
        Bucket=f"{commit.id}.master.in",
        Key="a",
        Body=b"a",
        ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==",
    )

    assert "BadDigest" == answer["error"]["code"]
    assert [] == await client.paths(commit)


async def test_a_bucket_can_be_made_and_deleted(client, s3):
    await s3_call(s3, "create_bucket", Bucket="dev.fresh")
    again = await s3_call(s3, "create_bucket", Bucket="dev.fresh")
    put = await s3_call(s3, "put_object", Bucket="dev.fresh", Key="a", Body=b"a")
    await s3_call(s3, "delete_bucket", Bucket="dev.fresh")
    gone = await s3_call(s3, "head_bucket", Bucket="dev.fresh")

    assert 409 == again["error"]["status"]
    assert 200 == put["status"]
    assert 404 == gone["error"]["status"]


async def test_an_upload_in_parts_can_be_given_up(client, s3):
    commit = await client.start()
    bucket = f"{commit.id}.master.in"
    begun = await s3_call(s3, "create_multipart_upload", Bucket=bucket, Key="a")
    identity = begun["response"]["UploadId"]
    part = {"Bucket": bucket, "Key": "a", "UploadId": identity, "PartNumber": 1}
    await s3_call(s3, "upload_part", **part, Body=b"a")

    await s3_call(
        s3, "abort_multipart_upload", Bucket=bucket, Key="a", UploadId=identity
    )

    late = await s3_call(s3, "upload_part", **part, Body=b"a")
    assert "NoSuchUpload" == late["error"]["code"]
    assert [] == await client.paths(commit)


async def test_a_large_description_breaks_clients_with_the_usual_limit(client):
    await client.start(description="d" * 5_000_000)

    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await client.commits()

    assert grpc.StatusCode.RESOURCE_EXHAUSTED == refusal.value.code()

"""What may happen to commits and branches, beyond what the recording shows."""

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb

from contract.pfs.aio_clients import AioClient
from local_cluster.pachd import Pachd


@pytest.fixture
async def client(tmp_path):
    async with Pachd(tmp_path) as pachd, AioClient(pachd.address) as client:
        await client.create_repo()
        yield client


async def _refused(awaitable) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await awaitable
    assert grpc.StatusCode.UNKNOWN == refusal.value.code()
    return refusal.value.details()


def _set(commit: pb.Commit) -> pb.CommitSet:
    return pb.CommitSet(id=commit.id)


async def test_every_listed_commit_has_its_price(tmp_path):
    dear = Pachd(tmp_path, commit_cost_seconds=3600)
    async with dear, AioClient(dear.address) as client:
        await client.create_repo()
        await client.push({"/a": b"a"})
        calls = [
            client.stub.ListCommit(pb.ListCommitRequest(repo=client.repo), timeout=0.3),
            client.stub.SubscribeCommit(
                pb.SubscribeCommitRequest(repo=client.repo, state=pb.STARTED),
                timeout=0.3,
            ),
        ]
        for call in calls:
            with pytest.raises(grpc.aio.AioRpcError) as refusal:
                await call.read()
            assert grpc.StatusCode.DEADLINE_EXCEEDED == refusal.value.code()


async def test_a_cursor_that_was_squashed_is_not_found(client):
    first = await client.push({"/a": b"1"})
    await client.push({"/a": b"2"})
    request = pb.SquashCommitSetRequest(commit_set=_set(first))
    await client.call("SquashCommitSet", request)

    head = pb.Commit(repo=client.repo, branch=client.branch())
    request = pb.ListCommitRequest(repo=client.repo, to=head, **{"from": first})
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await client.listing("ListCommit", request)

    assert grpc.StatusCode.NOT_FOUND == refusal.value.code()


async def test_squashing_hands_changes_on_to_an_open_child(client):
    first = await client.push({"/a": b"1"})
    child = await client.start()
    await client.put(child, {"/a": b"2"})

    await client.call(
        "SquashCommitSet", pb.SquashCommitSetRequest(commit_set=_set(first))
    )

    assert b"12" == await client.get(child, "/a")


async def test_a_commit_with_children_cannot_be_dropped(client):
    first = await client.push({"/a": b"1"})
    await client.push({"/a": b"2"})
    request = pb.DropCommitSetRequest(commit_set=_set(first))

    words = await _refused(client.call("DropCommitSet", request))

    assert "has children" in words


async def test_dropping_the_only_commit_leaves_an_empty_branch(client):
    only = await client.push({"/a": b"1"})
    await client.call("DropCommitSet", pb.DropCommitSetRequest(commit_set=_set(only)))

    request = pb.InspectBranchRequest(branch=client.branch())
    head = (await client.call("InspectBranch", request)).head

    assert head != only
    assert [] == await client.paths(head)


async def test_a_branch_that_others_descend_from_cannot_be_deleted(client):
    await client.push({"/a": b"1"})
    output = pb.Branch(repo=pb.Repo(name="out", type="user"), name="master")
    await client.call("CreateRepo", pb.CreateRepoRequest(repo=output.repo))
    request = pb.CreateBranchRequest(branch=output, provenance=[client.branch()])
    await client.call("CreateBranch", request)

    words = await _refused(
        client.call("DeleteBranch", pb.DeleteBranchRequest(branch=client.branch()))
    )

    assert "direct provenance of [default/out@master]" in words


async def test_a_repo_knows_its_commit_by_the_id_of_what_was_made_from_it(client):
    await client.push({"/a": b"1"})
    source = await client.push({"/a": b"2"})
    output = pb.Branch(repo=pb.Repo(name="out", type="user"), name="master")
    await client.call("CreateRepo", pb.CreateRepoRequest(repo=output.repo))
    request = pb.CreateBranchRequest(branch=output, provenance=[client.branch()])
    await client.call("CreateBranch", request)
    inspected = pb.InspectBranchRequest(branch=output)
    made = (await client.call("InspectBranch", inspected)).head
    await client.push({"/a": b"3"})

    named = await client.inspect(pb.Commit(repo=client.repo, id=made.id))
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await client.inspect(pb.Commit(repo=output.repo, id=source.id))

    assert source.id == named.commit.id
    assert grpc.StatusCode.NOT_FOUND == refusal.value.code()


async def test_a_commit_cannot_be_started_on_a_branch_with_provenance(client):
    await client.push({"/a": b"1"})
    output = pb.Branch(repo=pb.Repo(name="out", type="user"), name="master")
    await client.call("CreateRepo", pb.CreateRepoRequest(repo=output.repo))
    request = pb.CreateBranchRequest(branch=output, provenance=[client.branch()])
    await client.call("CreateBranch", request)
    inspected = pb.InspectBranchRequest(branch=output)
    await client.finish((await client.call("InspectBranch", inspected)).head)

    words = await _refused(
        client.call("StartCommit", pb.StartCommitRequest(branch=output))
    )

    assert "output branch" in words


async def test_deleting_a_repo_twice_is_no_error(client):
    request = pb.DeleteRepoRequest(repo=client.repo)

    await client.call("DeleteRepo", request)
    await client.call("DeleteRepo", request)

    assert [] == await client.listing("ListRepo", pb.ListRepoRequest())


async def test_repos_can_be_described_anew(client):
    request = pb.CreateRepoRequest(repo=client.repo, description="x", update=True)
    await client.call("CreateRepo", request)

    info = await client.call("InspectRepo", pb.InspectRepoRequest(repo=client.repo))

    assert "x" == info.description


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("/*", ["/a", "/dir/"], id="one level"),
        pytest.param("/dir/*", ["/dir/b"], id="below a folder"),
        pytest.param("/**", ["/a", "/dir/", "/dir/b"], id="all levels"),
        pytest.param("/nope", [], id="no match"),
    ],
)
async def test_a_pattern_finds_files_and_folders(client, pattern, expected):
    commit = await client.push({"/a": b"1", "/dir/b": b"2"})
    request = pb.GlobFileRequest(commit=commit, pattern=pattern)

    found = await client.listing("GlobFile", request)

    assert expected == [info.file.path for info in found]


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

    words = await _refused(client.put(commit, {path: b"x"}))

    assert f"path ({path}) invalid: {why}" in words
    assert [] == await client.paths(commit)


async def test_a_folder_can_be_inspected_with_and_without_its_slash(client):
    commit = await client.push({"/dir/b": b"22"})

    for path in ("/dir", "/dir/"):
        file = pb.File(commit=commit, path=path)
        info = await client.call("InspectFile", pb.InspectFileRequest(file=file))
        assert (pb.DIR, 2) == (info.file_type, info.size_bytes)


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

    words = await _refused(client.stub.ModifyFile(iter([added])))

    assert "must be a commit" in words


async def test_deleted_metadata_is_gone_and_a_key_is_added_once(client):
    # The service has no stubs: "c" is a target, "k" a key, in the order of the wire.
    commit = await client.push({"/a": b"1"})
    name = b"\x0a\x09\x0a\x07default\x12\x02in\x1a\x04user"
    picker = b"\x0a" + bytes([len(name) + 2, 0x0A, len(name)]) + name
    by_id = picker + b"\x12\x20" + commit.id.encode()
    target = b"\x12" + bytes([len(by_id) + 2, 0x12, len(by_id)]) + by_id
    call = client.channel.unary_unary("/metadata.API/EditMetadata")

    async def edit(operation: bytes) -> None:
        body = target + operation
        await call(b"\x0a" + bytes([len(body)]) + body)

    await edit(b"\x5a\x06\x0a\x01k\x12\x01v")
    words = await _refused(edit(b"\x5a\x06\x0a\x01k\x12\x01w"))
    kept = await client.inspect(commit)
    await edit(b"\x6a\x03\x0a\x01k")
    emptied = await client.inspect(commit)

    assert "exists" in words
    assert [14] == [each.field_number for each in kept.UnknownFields()]
    assert [] == list(emptied.UnknownFields())

"""What may happen to commits and branches, beyond what the recording shows."""

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb

from contract.pfs.aio_clients import AioClient, refused, set_of
from local_cluster.pachd import Pachd
from local_cluster.pachd.errors import PfsError
from local_cluster.pachd.records import BranchKey, RepoKey
from local_cluster.pachd.repos import create_repo
from local_cluster.pachd.subscriptions import wait_for
from local_cluster.pachd.world import World


@pytest.fixture
def world(tmp_path):
    """What lies behind the calls, where a test stops in the middle of one."""
    world = World(tmp_path, 0.0, 0.0, auth=False)
    yield world
    world.close()


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
    request = pb.SquashCommitSetRequest(commit_set=set_of(first))
    await client.call("SquashCommitSet", request)

    head = pb.Commit(repo=client.repo, branch=client.branch())
    request = pb.ListCommitRequest(repo=client.repo, to=head, **{"from": first})
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await client.listing("ListCommit", request)

    assert grpc.StatusCode.NOT_FOUND == refusal.value.code()


async def test_a_commit_that_is_squashed_while_it_is_listed_is_not_found(world):
    master = BranchKey(RepoKey("default", "in"), "master")
    create_repo(world, master.repo, description="")
    made = []
    for _ in range(3):
        with world.store.transaction():
            commit = world.commits.start(master, parent=None, description="")
            world.commits.finish_at_once(commit)
        made.append(await wait_for(world, commit.key, pb.FINISHED))
    listed = world.commits.listing(master.repo, start="master", stop="", reverse=False)
    newest = next(listed)
    world.commit_sets.squash(made[1].key.id)

    with pytest.raises(PfsError) as refusal:
        next(listed)

    assert made[2] == newest
    assert f"commit {made[1].key} not found" == refusal.value.details


async def test_dropping_the_only_commit_leaves_an_empty_branch(client):
    only = await client.push({"/a": b"1"})
    await client.call("DropCommitSet", pb.DropCommitSetRequest(commit_set=set_of(only)))

    request = pb.InspectBranchRequest(branch=client.branch())
    head = (await client.call("InspectBranch", request)).head

    assert head != only
    assert [] == await client.paths(head)


async def test_a_repo_knows_its_commit_by_the_id_of_what_was_made_from_it(client):
    await client.push({"/a": b"1"})
    source = await client.push({"/a": b"2"})
    output = await client.derive()
    inspected = pb.InspectBranchRequest(branch=output)
    made = (await client.call("InspectBranch", inspected)).head
    await client.push({"/a": b"3"})

    named = await client.inspect(pb.Commit(repo=client.repo, id=made.id))
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await client.inspect(pb.Commit(repo=output.repo, id=source.id))

    assert source.id == named.commit.id
    assert grpc.StatusCode.NOT_FOUND == refusal.value.code()


async def test_branches_whose_only_commit_is_dropped_share_an_empty_one(client):
    only = await client.push({"/a": b"1"})
    request = pb.CreateBranchRequest(branch=client.branch("side"), head=only)
    await client.call("CreateBranch", request)
    await client.call("DropCommitSet", pb.DropCommitSetRequest(commit_set=set_of(only)))

    heads = [
        (await client.call("InspectBranch", pb.InspectBranchRequest(branch=each))).head
        for each in (client.branch(), client.branch("side"))
    ]

    assert heads[0] == heads[1]
    assert [] == await client.paths(heads[0])


async def test_deleting_a_repo_twice_is_no_error(client):
    request = pb.DeleteRepoRequest(repo=client.repo)

    await client.call("DeleteRepo", request)
    await client.call("DeleteRepo", request)

    assert [] == await client.listing("ListRepo", pb.ListRepoRequest())


async def test_a_subscription_knows_nothing_of_another_repo_of_the_same_name(client):
    await client.push({"/a": b"1"})
    request = pb.SubscribeCommitRequest(repo=client.repo, state=pb.STARTED)
    former = client.stub.SubscribeCommit(request)
    await former.read()
    await client.call("DeleteRepo", pb.DeleteRepoRequest(repo=client.repo))
    await client.create_repo()
    commit = await client.push({"/a": b"2"})
    present = client.stub.SubscribeCommit(request)

    assert commit == (await present.read()).commit
    assert not former.done()
    former.cancel()
    present.cancel()


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


async def test_a_folder_can_be_inspected_with_and_without_its_slash(client):
    commit = await client.push({"/dir/b": b"22"})

    for path in ("/dir", "/dir/"):
        file = pb.File(commit=commit, path=path)
        info = await client.call("InspectFile", pb.InspectFileRequest(file=file))
        assert (pb.DIR, 2) == (info.file_type, info.size_bytes)


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
    words = await refused(edit(b"\x5a\x06\x0a\x01k\x12\x01w"))
    kept = await client.inspect(commit)
    await edit(b"\x6a\x03\x0a\x01k")
    emptied = await client.inspect(commit)

    assert "exists" in words
    assert [14] == [each.field_number for each in kept.UnknownFields()]
    assert [] == list(emptied.UnknownFields())

"""Writing: all or nothing, replacing where meant, appending where meant."""

import grpc
import pytest
from google.protobuf import empty_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2_grpc

from mnist_operator.commits import Branch, Repo
from mnist_operator.errors import NotFoundError
from mnist_operator.pachyderm import CopyFile, DeletePath, PutFile

_OUT = Repo("default", "outputrepo")
_MASTER = Branch(_OUT, "master")


async def _contents(client, repo, commit):
    return {
        file.path: await client.read(repo, commit, file.path)
        for file in await client.files(repo, commit)
    }


async def test_a_put_file_replaces_what_is_there(client, push, repo):
    await push(b"one")
    commit = await push(b"two")

    assert b"two" == await client.read(repo, commit, "/data.txt")


async def test_a_file_of_several_pieces_arrives_whole(client, push, repo):
    content = bytes(range(256)) * 10_000
    commit = await push(content)

    assert content == await client.read(repo, commit, "/data.txt")


async def test_publishing_leaves_exactly_the_files_of_the_run(client, push, repo):
    staged = await push(b"model", path="/my_model.h5")
    await client.create_repo(_OUT)
    await push(b"old", branch=_MASTER, path="/old.txt")
    commit = await client.start_commit(_MASTER, description='{"inputCommit": "c1"}')
    changes = [
        DeletePath("/"),
        CopyFile("/data/my_model.h5", repo, staged, "/my_model.h5"),
        PutFile("/lineage.json", b"{}"),
    ]

    await client.modify(_OUT, commit, changes)
    await client.modify(_OUT, commit, changes)
    await client.finish_commit(_OUT, commit)

    await client.commit(_OUT, commit, wait_finished=True)
    expected = {"/data/my_model.h5": b"model", "/lineage.json": b"{}"}
    assert expected == await _contents(client, _OUT, commit)


async def test_a_commit_after_an_errored_one_starts_from_the_last_good_one(
    client, master, push, repo
):
    await push(b"good", path="/good")
    await push(b"bad", path="/bad", error="bad data")

    commit = await client.start_commit(master, description="")

    assert {"/good": b"good"} == await _contents(client, repo, commit)


async def test_a_single_path_can_be_deleted(client, master, push, repo):
    await push(path="/a")
    await push(path="/b/c")
    commit = await client.start_commit(master, description="")

    await client.modify(repo, commit, [DeletePath("/b/")])

    assert ["/a"] == [file.path for file in await client.files(repo, commit)]


async def test_appending_makes_the_branch_and_adds_to_the_file(client, repo):
    ledger = Branch(repo, "ledger")

    await client.append(ledger, "/default/mnist.jsonl", b"one\n")
    await client.append(ledger, "/default/mnist.jsonl", b"two\n")

    head = await client.branch_head_id(ledger)
    await client.commit(repo, head, wait_finished=True)
    assert b"one\ntwo\n" == await client.read(repo, head, "/default/mnist.jsonl")


async def test_an_append_needs_no_wait_for_the_one_before(client, repo):
    ledger = Branch(repo, "ledger")

    for n in range(5):
        await client.append(ledger, "/log", f"{n}\n".encode())

    head = await client.branch_head_id(ledger)
    await client.commit(repo, head, wait_finished=True)
    assert b"0\n1\n2\n3\n4\n" == await client.read(repo, head, "/log")


class _Strict(pfs_pb2_grpc.APIServicer):
    """A pachd that makes no branch on the way."""

    def __init__(self):
        self.calls = []

    async def ModifyFile(self, requests, context):  # noqa: N802
        self.calls.append("ModifyFile")
        async for _ in requests:
            if "CreateBranch" not in self.calls:
                await context.abort(grpc.StatusCode.NOT_FOUND, "branch l not found")
        return empty_pb2.Empty()

    async def CreateBranch(self, request, context):  # noqa: N802
        self.calls.append("CreateBranch")
        return empty_pb2.Empty()


async def test_an_append_makes_the_branch_where_the_server_does_not(serve):
    pachd = _Strict()
    client = await serve(pachd)

    await client.append(Branch(_OUT, "ledger"), "/log", b"one")

    assert ["ModifyFile", "CreateBranch", "ModifyFile"] == pachd.calls


async def test_an_append_to_a_missing_repo_is_an_error(client):
    with pytest.raises(NotFoundError):
        await client.append(Branch(Repo("default", "nowhere"), "l"), "/log", b"one")

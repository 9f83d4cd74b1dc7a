"""What stands on a commit that is still being finished: the client waits for that."""

import grpc
import pytest
from google.protobuf import empty_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

from local_cluster.pachd import Pachd
from mnist_operator.commits import Branch, CommitState, Repo
from mnist_operator.errors import UnfinishedBaseError
from mnist_operator.pachyderm import DeletePath, PutFile

LEDGER = Branch(Repo("default", "outputrepo_runs"), "default_mnist_ledger")
ID = "1c9cdee3608a43fd9b281012f7f55f7a"


@pytest.fixture(name="slow")
async def _slow(tmp_path, dial):
    """A pachd that takes about as long to finish a commit as a real one."""
    async with Pachd(tmp_path / "slow", finish_seconds=0.3) as pachd:
        client = dial(pachd.address)
        await client.create_repo(LEDGER.repo)
        yield client


async def test_lines_that_follow_each_other_at_once_are_read(slow):
    for line in (b"one\n", b"two\n", b"three\n"):
        await slow.append(LEDGER, "/ledger.jsonl", line)
    head = await slow.head(LEDGER)

    content = await slow.read(LEDGER.repo, head.id, "/ledger.jsonl")

    assert CommitState.FINISHING is head.state
    assert b"one\ntwo\nthree\n" == content
    assert ["/ledger.jsonl"] == [
        each.path for each in await slow.files(LEDGER.repo, head.id)
    ]


async def test_a_commit_is_cleared_of_what_is_still_being_finished(slow):
    await slow.append(LEDGER, "/old", b"old")
    commit = await slow.start_commit(LEDGER, description="")

    await slow.modify(LEDGER.repo, commit, [DeletePath("/"), PutFile("/new", b"new")])

    assert ["/new"] == [each.path for each in await slow.files(LEDGER.repo, commit)]


class _Unfinished(pfs_pb2_grpc.APIServicer):
    """A pachd whose every commit stands on another, which never gets finished."""

    def __init__(self, words):
        self.words = words
        self.waits = []

    async def InspectFile(self, request, context):  # noqa: N802
        await context.abort(grpc.StatusCode.UNKNOWN, self.words)

    async def ModifyFile(self, requests, context):  # noqa: N802
        async for _ in requests:
            pass
        await context.abort(grpc.StatusCode.UNKNOWN, self.words)
        return empty_pb2.Empty()

    async def InspectCommit(self, request, context):  # noqa: N802
        self.waits.append((request.commit.id, request.wait))
        await context.abort(grpc.StatusCode.UNAVAILABLE, "it is elsewhere")


@pytest.mark.parametrize(
    ("words", "waits"),
    [
        (f"base commit default/in@{ID} for commit x unfinished", [ID]),
        ("base commit for commit x unfinished", []),
    ],
    ids=["named", "not-named"],
)
async def test_what_is_not_finished_after_a_wait_is_told(serve, words, waits):
    pachd = _Unfinished(words)
    client = await serve(pachd)

    with pytest.raises(UnfinishedBaseError, match="unfinished"):
        await client.read(LEDGER.repo, ID, "/ledger.jsonl")
    with pytest.raises(UnfinishedBaseError, match="unfinished"):
        await client.modify(LEDGER.repo, ID, [PutFile("/a", b"a")])

    assert [(each, pfs_pb2.FINISHED) for each in waits * 2] == pachd.waits

"""Walking back: in order, in pages, only as far as needed, whatever was squashed."""

import asyncio
from contextlib import aclosing

import grpc.aio
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

from mnist_operator.commits import Branch, Commit, Repo
from mnist_operator.errors import NotFoundError


async def _ids(walk):
    return [commit.id async for commit in walk]


@pytest.fixture
async def five(push):
    return [await push(str(n).encode()) for n in range(5)]


@pytest.fixture
def squash(pachd):
    """Squash as a user of pachctl does."""

    async def _squash(commit):
        async with grpc.aio.insecure_channel(pachd.address) as channel:
            await pfs_pb2_grpc.APIStub(channel).SquashCommitSet(
                pfs_pb2.SquashCommitSetRequest(commit_set=pfs_pb2.CommitSet(id=commit))
            )

    return _squash


@pytest.mark.parametrize("page", [1, 2, 5, 50])
async def test_a_branch_is_walked_newest_first_whatever_the_page(
    client, master, five, page
):
    walked = await _ids(client.history(master.repo, master, page=page))

    assert five[::-1] == walked


async def test_the_walk_ends_before_the_cursor(client, master, five):
    walked = await _ids(client.history(master.repo, master, until=five[1], page=2))

    assert [five[4], five[3], five[2]] == walked


async def test_nothing_comes_when_the_cursor_is_the_head(client, master, five):
    assert [] == await _ids(client.history(master.repo, master, until=five[4]))


async def test_the_walk_may_begin_at_any_commit(client, master, five):
    assert five[2::-1] == await _ids(client.history(master.repo, five[2]))


async def test_a_squashed_cursor_does_not_stop_the_walk(client, master, five, squash):
    await squash(five[1])

    walked = await _ids(client.history(master.repo, master, until=five[1], page=2))

    assert [five[4], five[3], five[2], five[0]] == walked


async def test_a_moved_head_shows_its_own_history(client, master, five):
    await client.create_branch(master, head=five[1])

    assert [five[1], five[0]] == await _ids(client.history(master.repo, master))


async def test_open_and_errored_commits_are_in_the_history(client, master, push):
    errored = await push(error="bad data")
    opened = await client.start_commit(master, description="")

    assert [opened, errored] == await _ids(client.history(master.repo, master))


async def test_nothing_has_no_history(client, master):
    assert [] == await _ids(client.history(master.repo, master))
    assert [] == await _ids(client.history(Repo("default", "nowhere"), "0" * 32))


async def test_a_history_that_was_cut_under_the_walk_is_an_error(client, master, five):
    async with aclosing(client.history(master.repo, master, page=2)) as walk:
        assert five[4] == (await anext(walk)).id
        assert five[3] == (await anext(walk)).id
        for commit in reversed(five):
            await client.drop_commit(master.repo, commit)

        with pytest.raises(NotFoundError):
            await anext(walk)


async def test_a_long_history_is_asked_for_in_pages_only(serve):
    pachd = _Endless()
    client = await serve(pachd)
    repo = Repo("default", "inputrepo")

    async with aclosing(client.history(repo, Branch(repo, "master"))) as walk:
        for _ in range(60):
            assert isinstance(await anext(walk), Commit)

    assert [50, 50] == pachd.numbers


async def test_descriptions_of_5_mb_can_be_listed_and_are_not_kept(client, master):
    large = "x" * 5_000_000
    for _ in range(2):
        commit = await client.start_commit(master, description=large)
        await client.finish_commit(master.repo, commit)

    found = [commit async for commit in client.history(master.repo, master)]

    assert [large[: 64 * 1024]] * 2 == [commit.description for commit in found]


async def test_the_subscription_replays_and_then_follows(client, repo, master, push):
    before = await push()

    async with asyncio.timeout(20), aclosing(client.subscribe(repo)) as commits:
        replayed = await anext(commits)
        opened = await client.start_commit(master, description="")
        followed = await anext(commits)

    assert [before, opened] == [replayed.id, followed.id]
    assert followed.finished is None


async def test_a_deleted_branch_does_not_break_the_subscription(
    client, repo, push, delete_branch
):
    side = await push(branch=Branch(repo, "side"))
    await delete_branch(Branch(repo, "side"))
    after = await push()

    async with asyncio.timeout(20), aclosing(client.subscribe(repo)) as commits:
        seen = {(await anext(commits)).id, (await anext(commits)).id}

    assert {side, after} == seen


class _Endless(pfs_pb2_grpc.APIServicer):
    """A pachd with more commits than anyone should list."""

    def __init__(self):
        self.numbers = []

    async def ListCommit(self, request, context):  # noqa: N802
        self.numbers.append(request.number)
        for place in range(request.number or 1_000_000):
            ident = f"{len(self.numbers):016}{place:016}"
            info = pfs_pb2.CommitInfo(commit=pfs_pb2.Commit(id=ident))
            info.parent_commit.id = "p" * 32
            yield info

"""From a push to a wake-up, against the local pachd: nothing is missed."""

import asyncio

import grpc
import pytest

from local_cluster.faults import Fault
from mnist_operator.commits import Branch, Repo
from mnist_operator.errors import UnreachableError
from mnist_operator.pachyderm import HeadSeen

pytestmark = pytest.mark.usefixtures("no_tasks_left")


async def test_a_push_wakes_when_it_starts_and_when_it_is_finished(
    follow, client, master, eventually
):
    follower = follow()
    await eventually(lambda: follower.saw(None, finished=False))

    opened = await client.start_commit(master, description="")
    await eventually(lambda: follower.saw(opened, finished=False))
    assert 1 == follower.wakes

    await client.finish_commit(master.repo, opened)
    await eventually(lambda: follower.saw(opened))
    assert 2 == follower.wakes


async def test_a_head_that_was_there_before_wakes_too(follow, push, eventually):
    commit = await push()

    follower = follow()

    await eventually(lambda: follower.saw(commit))
    assert follower.wakes >= 1


async def test_a_head_that_was_seen_before_wakes_nobody_but_the_next_one_does(
    follow, push, eventually
):
    known = await push()
    follower = follow(seen=HeadSeen(known, finished=True))
    await eventually(lambda: follower.connected)
    before = follower.wakes

    later = await push()

    await eventually(lambda: follower.saw(later))
    assert 0 == before
    assert follower.wakes >= 1


async def test_a_push_after_what_was_seen_is_found(follow, push, eventually):
    seen, head = await push(), await push()

    follower = follow(seen=HeadSeen(seen, finished=True))

    await eventually(lambda: follower.saw(head))
    assert follower.wakes >= 1


async def test_commits_on_other_branches_wake_nobody(follow, repo, push, eventually):
    commit = await push()
    follower, neighbour = follow(), follow(Branch(repo, "side"))
    await eventually(lambda: follower.saw(commit))
    before = follower.wakes

    elsewhere = await push(branch=Branch(repo, "side"))

    await eventually(lambda: neighbour.saw(elsewhere))
    assert before == follower.wakes


async def test_a_moved_head_wakes_although_no_subscription_tells(
    follow, client, master, push, eventually
):
    first, second = await push(b"one"), await push(b"two")
    follower = follow()
    await eventually(lambda: follower.saw(second))

    await client.create_branch(master, head=first)

    await eventually(lambda: follower.saw(first))


async def test_an_errored_commit_counts_as_finished(follow, push, eventually):
    follower = follow()

    commit = await push(error="bad data")

    await eventually(lambda: follower.saw(commit))


async def test_a_dropped_open_head_wakes(follow, client, master, push, eventually):
    first = await push()
    follower = follow()
    opened = await client.start_commit(master, description="")
    await eventually(lambda: follower.saw(opened, finished=False))

    await client.drop_commit(master.repo, opened)

    await eventually(lambda: follower.saw(first))


async def test_a_repo_that_appears_later_is_found(follow, client, push, eventually):
    late = Branch(Repo("default", "late"), "master")
    follower = follow(late)
    await eventually(lambda: follower.saw(None, finished=False))
    assert 0 == follower.wakes

    await client.create_repo(late.repo)
    commit = await push(branch=late)

    await eventually(lambda: follower.saw(commit))
    await eventually(lambda: follower.connected)


async def test_a_deleted_branch_in_the_same_repo_disturbs_nobody(
    follow, repo, push, delete_branch, eventually
):
    await push(branch=Branch(repo, "side"))
    follower = follow()
    await delete_branch(Branch(repo, "side"))

    commit = await push()

    await eventually(lambda: follower.saw(commit))
    await eventually(lambda: follower.connected)


async def test_a_deleted_branch_is_seen_to_be_gone(
    follow, master, push, delete_branch, eventually
):
    commit = await push()
    follower = follow()
    await eventually(lambda: follower.saw(commit))

    await delete_branch(master)

    await eventually(lambda: follower.saw(None, finished=False))


async def test_another_repo_of_the_same_name_is_followed_without_a_word_of_it(
    follow, client, repo, push, delete_repo, eventually
):
    commit = await push()
    follower = follow()
    await eventually(lambda: follower.saw(commit))
    await delete_repo(repo)
    await eventually(lambda: follower.saw(None, finished=False))

    await client.create_repo(repo)
    commit = await push()

    await eventually(lambda: follower.saw(commit))


async def test_a_commit_left_open_is_waited_for_beyond_every_deadline(
    follow, pachd, client, master, eventually
):
    pachd.faults.add(
        Fault("pfs.InspectCommit", (grpc.StatusCode.INTERNAL, "no database"), times=3)
    )
    follower = follow()
    opened = await client.start_commit(master, description="")
    await eventually(lambda: follower.saw(opened, finished=False))
    waits = client.calls_made
    await eventually(lambda: client.calls_made > waits + 20)

    await client.finish_commit(master.repo, opened)

    await eventually(lambda: follower.saw(opened))


@pytest.mark.own_server
async def test_a_killed_and_restarted_server_loses_no_push(
    follow, pachd, push, eventually
):
    await push()
    follower = follow()
    await eventually(lambda: follower.connected)
    await pachd.kill()
    await eventually(lambda: not follower.connected)
    await pachd.start()

    commit = await _when_reachable(push)

    await eventually(lambda: follower.saw(commit))
    await eventually(lambda: follower.connected)


async def _when_reachable(call):
    async with asyncio.timeout(20):
        while True:
            try:
                return await call()
            except UnreachableError:
                await asyncio.sleep(0.05)


async def test_fifty_watches_share_one_subscription(
    follow, feeds, repo, push, eventually
):
    side = Branch(repo, "side")
    on_master = [follow() for _ in range(25)]
    on_side = [follow(side) for _ in range(25)]

    pushed, aside = await push(), await push(branch=side)

    await eventually(lambda: all(each.saw(pushed) for each in on_master))
    await eventually(lambda: all(each.saw(aside) for each in on_side))
    assert 1 == len(feeds)
    assert all(each.wakes for each in on_master + on_side)


async def test_the_last_watch_that_ends_leaves_nothing_behind(
    follow, feeds, client, push, eventually
):
    one, other = follow(), follow()
    await one.watch.close()
    await one.watch.close()
    commit = await push()
    await eventually(lambda: other.saw(commit))

    await other.watch.close()

    assert 0 == one.wakes
    assert 0 == len(feeds)
    assert other.head is None
    assert not other.connected
    assert not client.busy


async def test_a_wake_up_that_raises_hurts_nobody_else(
    follow, feeds, client, master, caplog
):
    woken = asyncio.Event()

    def broken():
        raise RuntimeError("not awake yet")

    async with (
        feeds.watch(client, master, broken),
        feeds.watch(client, master, woken.set),
    ):
        await client.start_commit(master, description="")
        async with asyncio.timeout(20):
            await woken.wait()

    assert "not awake yet" in caplog.text

"""A repo that is deleted and made anew: its subscription is silent, and begun anew."""

import pytest

from mnist_operator.pachyderm import Feeds

pytestmark = pytest.mark.usefixtures("no_tasks_left")


@pytest.fixture
async def feeds():
    """Feeds that never look by themselves: what is seen, a subscription has told."""
    feeds = Feeds(
        poll_seconds=6000, fallback_poll_seconds=6000, reconnect_seconds=(0.01, 0.05)
    )
    yield feeds
    await feeds.close()


@pytest.fixture
def look(feeds, client, repo, master):
    """Look at the branch's head, as every ten seconds."""

    def _look():
        feeds.find((client.connection, repo), master).nudge()

    return _look


def reconnects(feeds, repo):
    return feeds.standing()[repo][1]


async def test_after_the_look_that_finds_another_repo_pushes_are_told_again(
    follow, feeds, client, repo, push, delete_repo, look, eventually
):
    follower, pushed = follow(), await push()
    await eventually(lambda: follower.saw(pushed))
    await delete_repo(repo)
    await client.create_repo(repo)
    another = await push()
    look()
    await eventually(lambda: follower.saw(another))
    await eventually(lambda: follower.connected and reconnects(feeds, repo))

    last = await push()

    await eventually(lambda: follower.saw(last))


async def test_after_the_look_that_finds_none_the_next_repo_is_waited_for(
    follow, feeds, client, repo, push, delete_repo, look, eventually
):
    follower, pushed = follow(), await push()
    await eventually(lambda: follower.saw(pushed))
    await delete_repo(repo)
    look()
    await eventually(lambda: follower.saw(None, finished=False))
    await eventually(lambda: reconnects(feeds, repo))

    await client.create_repo(repo)
    await eventually(lambda: follower.connected)
    last = await push()

    await eventually(lambda: follower.saw(last))


async def test_a_head_that_is_moved_by_hand_leaves_the_subscription_as_it_is(
    follow, feeds, client, repo, master, push, look, eventually
):
    first, second = await push(b"1"), await push(b"2")
    follower = follow()
    await eventually(lambda: follower.saw(second) and follower.connected)
    for head in (first, second, first):
        await client.create_branch(master, head)
        look()
        await eventually(lambda head=head: follower.saw(head))
    last = await push()
    await eventually(lambda: follower.saw(last))

    assert 0 == reconnects(feeds, repo)

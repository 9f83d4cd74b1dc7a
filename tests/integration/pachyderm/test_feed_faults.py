"""Feeds where subscriptions fail, flood or lie; only the looks can be trusted."""

import asyncio
import logging

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

from mnist_operator.commits import Branch, Repo
from mnist_operator.pachyderm import Feeds, HeadSeen

pytestmark = pytest.mark.usefixtures("no_tasks_left")

_MASTER = Branch(Repo("default", "inputrepo"), "master")


class ScriptedPachd(pfs_pb2_grpc.APIServicer):
    """One branch whose head the test sets, and a subscription as it says."""

    def __init__(self, *, history=0, refusal=None):
        self.head = "c1"
        self.looks = 0
        self.subscriptions = 0
        self.history = history
        self.refusal = refusal
        self.delivered = asyncio.Event()

    async def InspectBranch(self, request, context):  # noqa: N802
        self.looks += 1
        if self.head is None:
            await context.abort(grpc.StatusCode.INTERNAL, "no database")
        return pfs_pb2.BranchInfo(
            branch=request.branch, head=pfs_pb2.Commit(id=self.head)
        )

    async def InspectCommit(self, request, context):  # noqa: N802
        info = pfs_pb2.CommitInfo(commit=request.commit)
        info.finished.GetCurrentTime()
        return info

    async def SubscribeCommit(self, request, context):  # noqa: N802
        self.subscriptions += 1
        if self.refusal is not None:
            await context.abort(*self.refusal)
        for number in range(self.history):
            yield pfs_pb2.CommitInfo(commit=pfs_pb2.Commit(id=f"old-{number}"))
        self.delivered.set()
        await asyncio.Event().wait()


def _never():
    """A wake-up that nobody needs."""


async def test_a_replay_of_10000_commits_costs_few_looks(serve, eventually):
    pachd = ScriptedPachd(history=10_000)
    client = await serve(pachd)
    feeds = Feeds(poll_seconds=60, replay_limit=20_000)

    async with feeds.watch(client, _MASTER, _never) as watch:
        async with asyncio.timeout(60):
            await pachd.delivered.wait()
        await eventually(lambda: watch.connected)

        assert pachd.looks < 200
        assert 1 == pachd.subscriptions


async def test_a_replay_beyond_the_limit_ends_in_polling(serve, eventually, caplog):
    pachd = ScriptedPachd(history=200)
    client = await serve(pachd)
    feeds = Feeds(
        poll_seconds=60,
        fallback_poll_seconds=0.02,
        replay_limit=100,
        reconnect_seconds=(0.01, 0.01),
    )

    async with feeds.watch(client, _MASTER, _never) as watch:
        await eventually(lambda: "polling it from now on" in caplog.text)
        pachd.head = "c2"

        await eventually(lambda: HeadSeen("c2", finished=True) == watch.head)
        assert 1 == pachd.subscriptions
        assert not watch.connected


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(
            (grpc.StatusCode.ABORTED, "panic: nil pointer dereference"), id="panic"
        ),
        pytest.param((grpc.StatusCode.UNAVAILABLE, "Socket closed"), id="cut"),
        pytest.param((grpc.StatusCode.UNIMPLEMENTED, "unknown method"), id="unknown"),
    ],
)
async def test_a_refused_subscription_leaves_polling_and_is_tried_again(
    serve, eventually, refusal
):
    pachd = ScriptedPachd(refusal=refusal)
    client = await serve(pachd)
    feeds = Feeds(
        poll_seconds=60, fallback_poll_seconds=0.02, reconnect_seconds=(0.01, 0.05)
    )

    async with feeds.watch(client, _MASTER, _never) as watch:
        await eventually(lambda: pachd.subscriptions > 3)
        pachd.head = "c2"
        await eventually(lambda: HeadSeen("c2", finished=True) == watch.head)

        pachd.refusal, pachd.history = None, 1
        await eventually(lambda: watch.connected)


async def test_reconnecting_slows_down_to_its_longest_pause(serve, eventually):
    pachd = ScriptedPachd(refusal=(grpc.StatusCode.ABORTED, "panic"))
    client = await serve(pachd)
    pauses = []

    async def sleep(seconds):
        pauses.append(seconds)
        await asyncio.sleep(0)

    feeds = Feeds(poll_seconds=0.5, fallback_poll_seconds=0.5, sleep=sleep)
    async with feeds.watch(client, _MASTER, _never):
        await eventually(lambda: pauses.count(30.0) > 2)

    reconnects = [pause for pause in pauses if pause >= 1]
    assert [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0] == reconnects[:7]


async def test_a_branch_that_cannot_be_looked_at_keeps_its_last_head(
    serve, eventually, caplog
):
    caplog.set_level(logging.INFO)
    pachd = ScriptedPachd()
    client = await serve(pachd)
    feeds = Feeds(poll_seconds=0.02, fallback_poll_seconds=0.02)

    async with feeds.watch(client, _MASTER, _never) as watch:
        await eventually(lambda: HeadSeen("c1", finished=True) == watch.head)
        pachd.head = None
        await eventually(lambda: "cannot look at" in caplog.text)
        assert HeadSeen("c1", finished=True) == watch.head

        pachd.head = "c2"

        await eventually(lambda: HeadSeen("c2", finished=True) == watch.head)


async def test_the_more_branches_there_are_the_less_often_each_is_looked_at(
    serve, eventually
):
    """Of 40 looks a second, 1,000 branches get one each in 25 s."""
    client = await serve(ScriptedPachd())
    pauses = []

    async def sleep(seconds):
        pauses.append(seconds)
        await asyncio.sleep(0.01)

    feeds = Feeds(poll_seconds=0.1, fallback_poll_seconds=0.1, sleep=sleep)
    alone = feeds.watch(client, _MASTER, _never)
    await eventually(lambda: 0.1 in pauses)
    watches = [
        feeds.watch(client, Branch(_MASTER.repo, f"b{number}"), _never)
        for number in range(39)
    ]
    await eventually(lambda: 1.0 in pauses)
    for watch in watches:
        await watch.close()
    pauses.clear()
    await eventually(lambda: 0.1 in pauses)

    await alone.close()
    await feeds.close()


async def test_closing_all_feeds_ends_every_watch(serve, eventually):
    client = await serve(ScriptedPachd(history=1))
    feeds = Feeds()
    watches = [
        feeds.watch(client, Branch(_MASTER.repo, name), _never) for name in "abc"
    ]
    await eventually(lambda: all(watch.head is not None for watch in watches))

    await feeds.close()

    assert 0 == len(feeds)
    assert not client.busy
    for watch in watches:
        await watch.close()

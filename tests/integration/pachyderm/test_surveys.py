"""Many branches of one repo: one list serves them all, and a push is found at once."""

import asyncio

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

from mnist_operator.commits import Branch, Repo
from mnist_operator.pachyderm import Feeds, HeadSeen
from mnist_operator.pachyderm.pace import Pace
from mnist_operator.pachyderm.repo_feed import RepoFeed
from mnist_operator.pachyderm.survey import Load

pytestmark = pytest.mark.usefixtures("no_tasks_left")

_REPO = Repo("default", "inputrepo")
_BRANCHES = [Branch(_REPO, f"b{number}") for number in range(10)]


class _ManyBranches(pfs_pb2_grpc.APIServicer):
    """Branches whose heads the test sets, and a subscription that it speaks by."""

    def __init__(self, others=0):
        self.heads = {each.name: f"first-{each.name}" for each in _BRANCHES}
        self.heads |= {f"other{number}": "c" for number in range(others)}
        self.asked, self.lists = [], 0
        self.can_list = True
        self.told = asyncio.Queue()

    async def InspectBranch(self, request, context):  # noqa: N802
        self.asked.append(request.branch.name)
        return self._info(request.branch.name)

    async def ListBranch(self, request, context):  # noqa: N802
        self.lists += 1
        if not self.can_list:
            await context.abort(grpc.StatusCode.INTERNAL, "no database")
        for name in self.heads:
            yield self._info(name)

    def _info(self, name):
        head = pfs_pb2.Commit(id=self.heads[name])
        return pfs_pb2.BranchInfo(branch=pfs_pb2.Branch(name=name), head=head)

    async def InspectCommit(self, request, context):  # noqa: N802
        info = pfs_pb2.CommitInfo(commit=request.commit)
        info.finished.GetCurrentTime()
        return info

    async def SubscribeCommit(self, request, context):  # noqa: N802
        while True:
            id_, parent = await self.told.get()
            info = pfs_pb2.CommitInfo(commit=pfs_pb2.Commit(id=id_))
            info.parent_commit.id = parent
            info.started.FromSeconds(4_000_000_000)
            yield info


@pytest.fixture(name="watched")
async def _watched(serve, eventually):
    """Watch all ten branches of a pachd, until each has been seen."""
    started = []

    async def watched(pachd, **pace):
        client = await serve(pachd)
        feeds = Feeds(**{"poll_seconds": 600, "fallback_poll_seconds": 600} | pace)
        started.append(feeds)
        watches = [feeds.watch(client, each, lambda: None) for each in _BRANCHES]
        await eventually(lambda: all(_finished(each) for each in watches))
        pachd.asked.clear()
        return watches

    yield watched
    for feeds in started:
        await feeds.close()


def _finished(watch):
    return watch.head is not None and watch.head.finished


async def test_at_rest_one_list_serves_all_branches_of_a_repo(watched, eventually):
    pachd = _ManyBranches()
    watches = await watched(pachd, poll_seconds=0.05, fallback_poll_seconds=0.05)
    before = pachd.lists
    await eventually(lambda: pachd.lists > before + 5)
    pachd.heads["b7"] = "moved"
    await eventually(lambda: HeadSeen("moved", finished=True) == watches[7].head)

    assert [] == pachd.asked


async def test_a_push_costs_a_look_at_the_branch_that_it_is_on(watched, eventually):
    pachd = _ManyBranches()
    watches = await watched(pachd)
    pachd.heads["b3"] = "second"
    pachd.told.put_nowait(("second", "first-b3"))

    await eventually(lambda: HeadSeen("second", finished=True) == watches[3].head)
    assert ["b3"] == pachd.asked


async def test_a_push_on_a_branch_that_was_moved_unseen_is_found(watched, eventually):
    """Its parent is the head of another branch, which is looked at first."""
    pachd = _ManyBranches()
    watches = await watched(pachd)
    pachd.heads["b4"] = "second"
    pachd.told.put_nowait(("second", "first-b3"))

    await eventually(lambda: HeadSeen("second", finished=True) == watches[4].head)


async def test_a_push_on_top_of_one_that_was_not_seen_is_found(watched, eventually):
    pachd = _ManyBranches()
    watches = await watched(pachd)
    pachd.heads["b5"] = "third"
    pachd.told.put_nowait(("third", "second"))

    await eventually(lambda: HeadSeen("third", finished=True) == watches[5].head)


@pytest.mark.parametrize("others", [0, 100])
async def test_where_a_list_is_refused_or_long_each_is_looked_at(
    watched, eventually, others
):
    pachd = _ManyBranches(others)
    pachd.can_list = others > 0
    watches = await watched(pachd, poll_seconds=0.05, fallback_poll_seconds=0.05)
    await eventually(lambda: set(pachd.asked) >= {each.name for each in _BRANCHES})
    pachd.heads["b6"] = "moved"

    await eventually(lambda: HeadSeen("moved", finished=True) == watches[6].head)
    assert pachd.lists <= 2


async def test_all_looks_of_all_repos_are_counted_and_those_of_a_closed_one_are_not(
    serve, eventually
):
    client, load = await serve(_ManyBranches()), Load()
    one, other = (RepoFeed(client, _REPO, Pace(), load) for _ in range(2))
    for branch in _BRANCHES[:2]:
        one.head(branch)
    assert 2 == load.looks  # These are asked for one by one.
    for branch in _BRANCHES:
        other.head(branch)
    listed = 1 + len(_BRANCHES) / 6
    assert 2 + 1 == load.looks  # One list, of nobody knows how many.
    other.survey.want()

    await eventually(lambda: pytest.approx(2 + listed) == load.looks)
    await one.close()
    assert pytest.approx(listed) == load.looks
    await other.close()
    assert pytest.approx(0) == load.looks

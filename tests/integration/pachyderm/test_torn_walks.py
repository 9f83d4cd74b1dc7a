"""A history that is cut while it is read: what was not seen is looked for again."""

import grpc
import pytest

from local_cluster.faults import Fault
from mnist_operator.backlog import Backlog
from mnist_operator.errors import NotFoundError
from mnist_operator.ledger import Ledger
from unit.builders import begun

_GONE = "list commit: commit (int_id=0, commit_id=default/inputrepo.user@0) not found"


@pytest.fixture
def tear(pachd):
    """Let the next lists of commits miss one of them, which was squashed meanwhile."""

    def _tear(times, **fields):
        error = (grpc.StatusCode.NOT_FOUND, _GONE)
        pachd.faults.add(Fault("pfs.ListCommit", error, times=times, **fields))

    return _tear


@pytest.fixture
async def five(push):
    return [await push(str(n).encode()) for n in range(5)]


@pytest.mark.parametrize("begun_already", [False, True])
async def test_a_first_page_that_is_cut_is_asked_for_again(
    client, master, five, tear, begun_already
):
    for start in (master, five[-1]):
        tear(2, after=begun_already)

        walked = [each.id async for each in client.history(master.repo, start)]

        assert five[::-1] == walked


async def test_a_first_page_that_is_cut_each_time_is_an_error(
    client, master, five, tear
):
    tear(3)

    with pytest.raises(NotFoundError):
        [each async for each in client.history(master.repo, master)]


@pytest.mark.parametrize("begun_already", [False, True])
async def test_commits_below_a_cut_wait_all_the_same(
    client, master, five, tear, begun_already
):
    ledger = Ledger().extended([begun("Earliest", None)])
    backlog, head = Backlog(), await client.head(master)
    tear(3, after=begun_already)
    with pytest.raises(NotFoundError):
        await backlog.look(client, master, head, ledger)

    await backlog.look(client, master, head, ledger)

    assert five == [commit.id for commit in backlog.commits]

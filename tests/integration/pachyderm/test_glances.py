"""A glance at branches: one list of a repo for all who ask; nothing is made of it."""

import asyncio

import pytest

from local_cluster.pachd import Pachd
from mnist_operator.commits import Branch, Repo
from mnist_operator.pachyderm import Connections, PresumedError

NOWHERE = Repo("default", "nowhere")


@pytest.fixture(name="glance")
def _glance(client):
    return Connections().glance(client)


async def test_all_branches_of_a_repo_cost_one_call(client, glance, master, push):
    head = await push()
    branches = [Branch(master.repo, f"b{number}") for number in range(20)]
    for branch in branches:
        await client.create_branch(branch, head)
    before = client.calls_made
    found = await asyncio.gather(*map(glance.branch_head_id, branches))

    assert [head] * 20 == found
    assert 1 == client.calls_made - before
    assert (await client.head(master)) == (await glance.head(master))


async def test_what_is_not_there_is_missing_in_the_same_way(client, glance, master):
    missing = Branch(master.repo, "missing"), Branch(NOWHERE, "master")
    for branch in missing:
        assert await glance.branch_head_id(branch) is None
        assert not await glance.branch_exists(branch)
        assert [] == await glance.descends_from(branch)

    assert await glance.repo_exists(master.repo)
    assert not await glance.repo_exists(NOWHERE)


async def test_nothing_is_made_of_what_is_only_presumed(glance, master):
    with pytest.raises(PresumedError):
        await glance.create_branch(Branch(master.repo, "new"))
    with pytest.raises(PresumedError):
        await glance.create_repo(NOWHERE)


async def test_a_repo_is_missing_also_where_rights_on_it_are_looked_up_first(
    tmp_path, dial
):
    async with Pachd(tmp_path / "closed", token="the-token") as pachd:
        client = dial(pachd.address, token="the-token")

        assert not await Connections().glance(client).repo_exists(NOWHERE)
        assert [] == await client.branches(NOWHERE)
        assert await client.commit(NOWHERE, "a" * 32) is None

"""All branches of a repo at once, and the branches that descend from them."""

from mnist_operator.commits import Branch, Repo


async def test_every_branch_is_listed_with_its_head(client, master, push):
    commit = await push()
    pin = Branch(master.repo, "pin")
    await client.create_branch(pin, head=commit)

    found = await client.branches(master.repo)

    assert {(master, commit), (pin, commit)} == {(b.branch, b.head) for b in found}
    assert {()} == {b.subvenance for b in found}


async def test_a_branch_names_those_that_pachd_makes_commits_on(client, master, push):
    await push()
    derived = Branch(Repo(master.repo.project, f"{master.repo.name}_made"), "staged")
    await client.create_repo(derived.repo)
    await client.create_branch(derived, provenance=[master])

    [found] = await client.branches(master.repo)

    assert (derived,) == found.subvenance


async def test_a_repo_that_is_not_there_has_none(client):
    assert [] == await client.branches(Repo("default", "nowhere"))

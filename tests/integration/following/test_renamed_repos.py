"""Applied again under the same name, with another repo: what begins anew?"""

from integration.following.scenes import decided
from integration.world import OUTPUT
from mnist_operator.commits import Branch, CommitState, Repo

OTHER_INPUT = Branch(Repo("default", "otherinput"), "master")
OTHER_OUTPUT = Branch(Repo("default", "elsewhere"), "master")
ORPHAN = {"deletionPolicy": "Orphan"}


async def running(world, gate, **spec):
    """Apply, push, and wait until the trainer has its data."""
    await world.apply(**spec)
    commit = await world.push(digits=0, wait_for=str(gate))
    await gate.reached()
    await world.reason("Training")
    return commit


async def test_another_input_repo_under_the_same_name_begins_at_its_head(
    world, operator, watch
):
    await world.create_repo(OTHER_INPUT)
    await world.apply()
    first = await world.push(digits=1)
    await world.model_of(first)
    await world.reason("UpToDate")
    await world.delete()
    older = await world.push(OTHER_INPUT, digits=2)
    head = await world.push(OTHER_INPUT, digits=3)

    await world.apply(input={"repo": "otherinput"})
    await decided(world, first, head)
    after = await world.push(OTHER_INPUT, digits=4)
    await decided(world, first, head, after)

    models = await world.models()
    assert ["default/inputrepo", *["default/otherinput"] * 2] == [
        model.input_repo for model in models
    ]
    assert [first, head, after] == watch.commits
    assert older not in await world.trained()
    status = await world.status()
    assert after == status["head"] == status["lastTrainedCommit"]


async def test_back_at_the_first_input_repo_nothing_is_repeated(world, operator, watch):
    await world.create_repo(OTHER_INPUT)
    await world.apply()
    first = await world.push(digits=1)
    await world.model_of(first)
    await world.reason("UpToDate")
    await world.delete()
    other = await world.push(OTHER_INPUT, digits=2)
    await world.apply(input={"repo": "otherinput"})
    await decided(world, first, other)
    await world.delete()

    await world.apply()
    await world.shows("UpToDate", head=first, pendingCommits=0)
    second = await world.push(digits=3)
    await decided(world, first, other, second)

    assert [first, other, second] == watch.commits


async def test_an_orphan_of_another_input_repo_is_published_with_its_own_name(
    world, operator, watch, gate
):
    await world.create_repo(OTHER_INPUT)
    head = await world.push(OTHER_INPUT, digits=3)
    first = await running(world, gate, **ORPHAN)
    await world.delete()
    await world.apply(input={"repo": "otherinput"}, **ORPHAN)
    await world.reason("Training")
    gate.open()
    await decided(world, first, head)

    assert ["default/inputrepo", "default/otherinput"] == [
        model.input_repo for model in await world.models()
    ]
    assert [first, head] == watch.commits


async def test_a_run_of_another_input_repo_is_given_up_with_cancel(
    world, operator, watch, gate
):
    await world.create_repo(OTHER_INPUT)
    head = await world.push(OTHER_INPUT, digits=3)
    first = await running(world, gate)
    await world.delete()
    await world.apply(input={"repo": "otherinput"})
    await decided(world, head)

    assert [head] == await world.trained()
    assert [first, head] == watch.commits


async def test_another_output_repo_under_the_same_name_has_a_ledger_of_its_own(
    world, operator, watch
):
    await world.apply()
    older = await world.push(digits=1)
    await world.model_of(older)
    head = await world.push(digits=2)
    await world.model_of(head)
    await world.reason("UpToDate")
    before = await world.entries()
    await world.delete()

    await world.apply(output={"repo": "elsewhere"})
    await world.model_of(head, OTHER_OUTPUT)
    await world.shows("UpToDate", pendingCommits=0)
    after = await world.status()
    ledger = Branch(Repo("default", "elsewhere_runs"), "team_mnist_ledger")

    assert before == await world.entries()
    assert [head] == [m.input_commit for m in await world.models(OTHER_OUTPUT)]
    assert [head] == [each["commit"] for each in after["history"]]
    assert await world.commits(ledger)
    assert [older, head, head] == watch.commits
    # Nothing was opened in the repo of before: what is given up goes by its ID.
    left = [each async for each in world.pachyderm.commits(OUTPUT.repo)]
    assert 2 * [CommitState.FINISHED] == [each.state for each in left]


async def test_applying_it_again_with_the_old_output_repo_goes_on_there(
    world, operator, watch
):
    await world.apply()
    first = await world.push(digits=1)
    await world.model_of(first)
    await world.reason("UpToDate")
    await world.delete()
    await world.apply(output={"repo": "elsewhere"})
    await world.model_of(first, OTHER_OUTPUT)
    await world.delete()
    second, third = [await world.push(digits=digits) for digits in (2, 3)]

    await world.apply()
    await decided(world, first, second, third)

    assert [first, second, third] == await world.trained()
    assert 3 == len(await world.commits(OUTPUT))
    await assert_one_history(world, first, second, third)


async def assert_one_history(world, *pushed):
    history = (await world.status())["history"]
    assert list(pushed) == [each["commit"] for each in reversed(history)]

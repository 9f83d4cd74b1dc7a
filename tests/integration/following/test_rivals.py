"""Two trainings on one output branch: the older keeps it, the younger says so."""

import asyncio
from datetime import UTC, datetime, timedelta

from integration.following.scenes import no_jobs
from integration.operators import InProcess
from integration.watching import JobWatch
from integration.world import INPUT, OUTPUT, TRAININGS, until
from local_cluster.kube.client import path_of
from mnist_operator.commits import Branch
from mnist_operator.resource import GROUP, KIND, PLURAL, VERSION

SIDE = Branch(OUTPUT.repo, "side")
ELSEWHERE = path_of(f"{GROUP}/{VERSION}", PLURAL, ("default", ""))
ALL_JOBS = path_of("kubeflow.org/v1", "tfjobs")


async def apply_younger(world, older, name="younger", path=TRAININGS, **spec):
    """Apply another one in a later second: ages are told in seconds."""
    made = datetime.fromisoformat(older["metadata"]["creationTimestamp"])

    async def later():
        return datetime.now(UTC) >= made + timedelta(seconds=1)

    await until(later, "the next second")
    body = {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": KIND,
        "metadata": {"name": name},
        "spec": spec,
    }
    return await world.kube.call("POST", path, body)


async def taken(world, by="team/mnist", name="younger", path=TRAININGS):
    """Wait until one says that its output branch is taken; return its conditions."""

    async def look():
        found = await world.kube.call("GET", f"{path}/{name}")
        conditions = {
            each["type"]: each for each in found.get("status", {}).get("conditions", ())
        }
        ready = conditions.get("Ready", {})
        told = ready.get("reason") == "OutputTaken" and by in ready["message"]
        return conditions if told else {}

    return await until(look, f"{name} to yield to {by}")


async def owners(world):
    """Which training each model on the output branch is of."""
    return [(model.training, model.input_commit) for model in await world.models()]


async def test_the_younger_is_stalled_and_names_the_older_which_goes_on(
    world, operator
):
    older = await world.apply()
    first = await world.push(digits=1)
    await world.model_of(first)
    await apply_younger(world, older)
    conditions = await taken(world)
    second = await world.push(digits=2)
    await world.model_of(second)
    await world.reason("UpToDate")

    ready, stalled = conditions["Ready"], conditions["Stalled"]
    assert ("False", "True") == (ready["status"], stalled["status"])
    assert "False" == conditions["Reconciling"]["status"]
    assert "default/outputrepo@master" in ready["message"]
    assert [("team/mnist", first), ("team/mnist", second)] == await owners(world)
    assert 2 == len(await world.jobs())
    assert [] == (await world.status("younger")).get("active", [])


async def test_the_younger_goes_on_by_itself_when_the_older_is_deleted(world, operator):
    older = await world.apply()
    first = await world.push(digits=1)
    await world.model_of(first)
    await apply_younger(world, older)
    await taken(world)
    await world.delete()
    await world.reason("UpToDate", name="younger")
    second = await world.push(digits=2)
    await world.model_of(second)
    await world.reason("UpToDate", name="younger")

    assert [
        ("team/mnist", first),
        ("team/younger", first),
        ("team/younger", second),
    ] == await owners(world)
    assert "False" == (await world.condition("Stalled", "younger"))["status"]


async def test_the_next_in_age_goes_on_when_the_oldest_of_three_is_deleted(
    world, operator
):
    oldest = await world.apply()
    await world.reason("WaitingForData")
    middle = await apply_younger(world, oldest, "middle")
    await apply_younger(world, middle, "youngest")
    await taken(world, name="middle")
    await taken(world, name="youngest")
    await world.delete()
    await taken(world, by="team/middle", name="youngest")
    commit = await world.push(digits=1)
    await world.model_of(commit)

    assert [("team/middle", commit)] == await owners(world)


async def test_another_branch_of_the_same_repo_is_free(world, operator):
    older = await world.apply()
    commit = await world.push(digits=1)
    await world.model_of(commit)
    await apply_younger(world, older, output={"branch": "side"})
    model = await world.model_of(commit, SIDE)
    await world.reason("UpToDate", name="younger")

    assert "team/younger" == model.training
    assert [("team/mnist", commit)] == await owners(world)


async def test_the_same_branch_of_another_pachyderm_is_free(world, operator):
    older = await world.apply()
    await world.reason("WaitingForData")
    await apply_younger(world, older, pachyderm={"address": "127.0.0.1:1"})

    await world.reason("SourceUnreachable", name="younger")


async def test_namespaces_share_one_pachyderm_and_so_its_branches(world, operator):
    older = await world.apply()
    await world.reason("WaitingForData")
    await apply_younger(world, older, "mnist", ELSEWHERE)
    await taken(world, name="mnist", path=ELSEWHERE)
    commit = await world.push(digits=1)
    await world.model_of(commit)

    assert [("team/mnist", commit)] == await owners(world)
    assert 1 == len((await world.kube.call("GET", ALL_JOBS))["items"])

    await world.delete()

    async def both():
        return await owners(world) == [
            ("team/mnist", commit),
            ("default/mnist", commit),
        ]

    await until(both, "the model of the other namespace")


async def test_the_younger_yields_also_to_an_older_one_that_is_suspended(
    world, operator
):
    older = await world.apply(suspend=True)
    await world.reason("Suspended")
    await apply_younger(world, older)
    await taken(world)
    commit = await world.push(digits=1)
    await world.shows(head=commit)
    await world.change(suspend=False)
    await world.model_of(commit)

    assert [("team/mnist", commit)] == await owners(world)


async def test_who_yields_is_the_same_after_the_operator_comes_again(world):
    async with InProcess(world):
        older = await world.apply()
        await world.reason("WaitingForData")
        await apply_younger(world, older)
        await taken(world)
    commit = await world.push(digits=1)
    async with InProcess(world):
        await world.model_of(commit)
        await world.reason("UpToDate")
        following = await world.push(digits=2)
        await world.model_of(following)
        await taken(world)

    assert [("team/mnist", each) for each in (commit, following)] == await owners(world)


async def test_two_that_are_found_at_once_by_an_operator_do_not_mix_their_models(
    world,
):
    older = await world.apply()
    await apply_younger(world, older)
    commit = await world.push(INPUT, digits=1)
    async with InProcess(world), JobWatch(world.kube) as watch:
        await world.model_of(commit)
        await taken(world)
        await world.reason("UpToDate")

    assert [("team/mnist", commit)] == await owners(world)
    assert [commit] == watch.commits


async def test_whoever_comes_back_is_the_younger_now(world, operator):
    older = await world.apply()
    heir = await apply_younger(world, older)
    await taken(world)
    await world.delete()
    commit = await world.push(digits=1)
    await world.model_of(commit)
    await apply_younger(world, heir, "mnist")
    await taken(world, by="team/younger", name="mnist")

    assert [("team/younger", commit)] == await owners(world)


async def test_deleting_the_younger_changes_nothing_for_the_older(world, operator):
    older = await world.apply()
    await apply_younger(world, older)
    await taken(world)
    await world.delete("younger")
    commit = await world.push(digits=1)
    await world.model_of(commit)

    assert [("team/mnist", commit)] == await owners(world)


async def test_deleting_both_at_once_ends(world, operator, gate):
    older = await world.apply()
    await world.push(digits=1, wait_for=str(gate))
    await gate.reached()
    await apply_younger(world, older)
    await taken(world)

    await asyncio.gather(world.delete(), world.delete("younger"))
    await no_jobs(world)

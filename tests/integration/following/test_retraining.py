"""onSpecChange RetrainLatest: the newest commit is trained once more, and once only."""

import pytest

from integration.following.scenes import at_rest
from integration.following.trainers import NEW, OLD, OTHER, change, trainers
from integration.operators import InProcess
from integration.world import EARLIEST, RUNS
from mnist_operator.decisions import Decision

RETRAIN = {"onSpecChange": "RetrainLatest", "trigger": EARLIEST}


async def test_the_newest_commit_is_trained_once_more_with_the_new_trainer(
    world, operator, watch
):
    await world.apply(trainer=OLD, **RETRAIN)
    older, newest = [await world.push(digits=digits) for digits in range(2)]
    await world.model_of(newest)
    await change(world, 2, NEW)
    await at_rest(world, older, newest, newest, lastHandledRequestAt="")

    *_, before, after = await world.models()
    *_, entry = await world.entries()
    assert [OLD, OLD, NEW] == await trainers(world)
    assert after.request == entry.request != ""
    assert before.request == ""
    assert [older, newest, newest] == watch.commits
    told = await world.told("ModelPublished")
    assert 1 == sum(after.commit in message for message in told)
    assert await world.reason("UpToDate")


async def test_a_retraining_asks_for_itself_in_its_attempt(world, operator):
    await world.apply(trainer=OLD, **RETRAIN)
    commit = await world.push(digits=0)
    await world.model_of(commit)
    await change(world, 2, NEW)
    await at_rest(world, commit, commit)

    first, second = await world.models()
    attempts = [
        await world.content(RUNS, model.run, "/attempt.json")
        for model in (first, second)
    ]
    newest, oldest = (await world.status())["history"]
    assert [None, second.request] == [each.get("request") for each in attempts]
    assert [second.request, ""] == [newest["request"], oldest["request"]]
    assert commit[:16] in second.request


async def test_a_trainer_that_flaps_trains_each_pair_of_commit_and_trainer_once(
    world, watch
):
    async with InProcess(world):
        await world.apply(trainer=OLD, **RETRAIN)
        commit = await world.push(digits=0)
        await world.model_of(commit)
        await change(world, 2, NEW)
        await at_rest(world, commit, commit, observedGeneration=2)
        for generation, trainer in ((3, OLD), (4, NEW), (5, OLD)):
            await change(world, generation, trainer)
            await world.shows("UpToDate", observedGeneration=generation, active=[])

    async with InProcess(world):
        await change(world, 6, NEW)
        await world.shows("UpToDate", observedGeneration=6, active=[])
        await change(world, 7, OTHER)
        await at_rest(world, commit, commit, commit)

    assert [OLD, NEW, OTHER] == await trainers(world)
    assert [commit] * 3 == watch.commits


async def test_a_trainer_that_is_taken_back_in_the_middle_of_its_run(
    world, operator, watch, gate
):
    await world.apply(trainer=OLD, **RETRAIN)
    gate.open()
    commit = await world.push(digits=0, wait_for=str(gate))
    await world.model_of(commit)
    await gate.reached()
    gate.shut()
    await change(world, 2, NEW)
    await gate.reached()
    await change(world, 3, OLD)
    gate.open()
    await at_rest(world, commit, commit)

    assert [OLD, NEW] == await trainers(world)
    assert [commit] * 2 == watch.commits


async def test_a_trainer_that_is_taken_back_after_a_failure_is_not_tried_again(
    world, operator, watch, gate
):
    await world.apply(trainer=OLD, **RETRAIN, attempts={"backoffSeconds": 3600})
    gate.open()
    commit = await world.push(exit=137, unless=str(gate))
    await world.model_of(commit)
    gate.shut()
    await change(world, 2, NEW)
    await world.reason("Retrying")
    await change(world, 3, OLD, attempts={"backoffSeconds": 0})
    await world.shows("UpToDate", observedGeneration=3, active=[])
    following = await world.push(digits=1)
    await world.model_of(following)

    assert [commit, following] == await world.trained()
    assert [commit, commit, following] == watch.commits


async def test_a_commit_that_failed_is_trained_again_with_a_repaired_image(
    world, operator, gate
):
    await world.apply(trainer=OLD, **RETRAIN)
    commit = await world.push(exit=1, unless=str(gate))
    failed = await world.reason("TrainingFailed")
    gate.open()
    await world.change(trainer=NEW)
    ready = await world.reason("UpToDate")
    await at_rest(world, commit, commit)

    assert [Decision.FAILED, Decision.PUBLISHED] == [
        entry.decision for entry in await world.entries()
    ]
    assert [NEW] == await trainers(world)
    assert ("False", "True") == (failed["status"], ready["status"])


async def test_a_retraining_that_fails_too_is_recorded_and_not_repeated(
    world, operator, watch
):
    await world.apply(trainer=OLD, **RETRAIN)
    commit = await world.push(exit=1)
    await world.reason("TrainingFailed")
    await world.change(trainer=NEW)
    await at_rest(world, commit, commit)
    await world.shows("TrainingFailed", observedGeneration=2, active=[])

    first, second = await world.entries()
    assert [Decision.FAILED] * 2 == [first.decision, second.decision]
    assert ("", True) == (first.request, bool(second.request))
    assert first.spec != second.spec
    assert [commit] * 2 == watch.commits
    assert 2 == len(await world.told("TrainingFailed"))


async def test_a_retraining_goes_on_under_an_operator_that_comes_again(
    world, watch, gate
):
    async with InProcess(world):
        await world.apply(trainer=OLD, **RETRAIN)
        gate.open()
        commit = await world.push(digits=0, wait_for=str(gate))
        await world.model_of(commit)
        await gate.reached()
        gate.shut()
        await change(world, 2, NEW)
        await gate.reached()
        await world.reason("Training")

    async with InProcess(world):
        await world.reason("Training")
        gate.open()
        await at_rest(world, commit, commit)
    async with InProcess(world):
        following = await world.push(digits=1)
        await at_rest(world, commit, commit, following)

    assert [commit, commit, following] == watch.commits


async def test_a_trainer_that_changed_while_no_operator_ran_counts_as_well(
    world, watch
):
    async with InProcess(world):
        await world.apply(trainer=OLD, **RETRAIN)
        commit = await world.push(digits=0)
        await world.model_of(commit)
        await world.reason("UpToDate")
    await world.change(trainer=NEW)
    async with InProcess(world):
        await at_rest(world, commit, commit)

    assert [commit] * 2 == watch.commits


@pytest.mark.parametrize("policy", ["Allow", "Replace"])
async def test_retraining_the_latest_goes_with_every_concurrency_policy(
    world, operator, watch, policy
):
    await world.apply(trainer=OLD, concurrencyPolicy=policy, **RETRAIN)
    commit = await world.push(digits=0)
    await world.model_of(commit)
    await change(world, 2, NEW)
    await at_rest(world, commit, commit)

    assert [OLD, NEW] == await trainers(world)


async def test_a_suspended_training_is_trained_again_when_it_is_resumed(
    world, operator, watch
):
    await world.apply(trainer=OLD, **RETRAIN)
    commit = await world.push(digits=0)
    await world.model_of(commit)
    await world.change(suspend=True)
    await world.reason("Suspended")
    await change(world, 3, NEW)
    await world.shows("Suspended", observedGeneration=3, active=[])
    before = list(watch.commits)
    await world.change(suspend=False)
    await at_rest(world, commit, commit)

    assert ([commit], [commit] * 2) == (before, watch.commits)

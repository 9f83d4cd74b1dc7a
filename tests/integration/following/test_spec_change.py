"""A trainer that changes: what a run keeps, and from when on the new one counts."""

from integration.following.scenes import at_rest
from integration.following.trainers import NEW, OLD, change, trainers
from integration.world import EARLIEST

RETRAIN = {"onSpecChange": "RetrainLatest", "trigger": EARLIEST}


async def running(world, gate, **spec):
    """Apply, push, and wait until the trainer has its data."""
    await world.apply(trainer=OLD, **spec)
    commit = await world.push(digits=0, wait_for=str(gate))
    await gate.reached()
    return commit


async def test_a_run_keeps_its_trainer_and_the_next_commit_gets_the_new_one(
    world, operator, gate
):
    first = await running(world, gate)
    await change(world, 2, NEW)
    second = await world.push(digits=1)
    await world.shows("Training", pendingCommits=2)
    gate.open()
    await at_rest(world, first, second)

    assert [OLD, NEW] == await trainers(world)


async def test_a_second_attempt_is_made_with_the_trainer_of_its_own_time(
    world, operator, gate
):
    await world.apply(trainer=OLD, attempts={"backoffSeconds": 3600})
    commit = await world.push(exit=137, unless=str(gate))
    await world.reason("Retrying")
    gate.open()
    await change(world, 2, NEW, attempts={"backoffSeconds": 0})
    await at_rest(world, commit)

    assert [NEW] == await trainers(world)
    assert [2] == [model.attempt for model in await world.models()]


async def test_what_is_trained_stays_as_it_is_unless_asked_for(world, operator, watch):
    await world.apply(trainer=OLD)
    commit = await world.push(digits=0)
    await world.model_of(commit)
    await change(world, 2, NEW)
    await world.shows("UpToDate", active=[])
    following = await world.push(digits=1)
    await at_rest(world, commit, following)

    assert [commit, following] == watch.commits


async def test_a_commit_that_failed_stays_failed_unless_asked_for(
    world, operator, watch, gate
):
    await world.apply(trainer=OLD)
    commit = await world.push(exit=1, unless=str(gate))
    await world.reason("TrainingFailed")
    gate.open()
    await change(world, 2, NEW)
    await world.shows("TrainingFailed", observedGeneration=2, active=[])
    following = await world.push(digits=1)
    await at_rest(world, commit, following)

    assert [commit, following] == watch.commits


async def test_a_queue_goes_on_with_the_new_trainer_and_nothing_is_trained_twice(
    world, operator, watch, gate
):
    first = await running(world, gate, **RETRAIN)
    waiting = [await world.push(digits=digits) for digits in (1, 2)]
    await world.shows("Training", pendingCommits=3)
    await change(world, 2, NEW)
    gate.open()
    await at_rest(world, first, *waiting)

    assert [OLD, NEW, NEW] == await trainers(world)
    assert [first, *waiting] == watch.commits


async def test_a_change_during_the_only_run_trains_its_commit_once_more(
    world, operator, watch, gate
):
    commit = await running(world, gate, **RETRAIN)
    await change(world, 2, NEW)
    gate.open()
    await at_rest(world, commit, commit)

    assert [OLD, NEW] == await trainers(world)
    assert [commit] * 2 == watch.commits


async def test_what_does_not_change_a_run_trains_nothing_again(world, operator, watch):
    await world.apply(trainer=OLD, **RETRAIN)
    commit = await world.push(digits=0)
    await world.model_of(commit)
    labels = {"labels": {"kueue.x-k8s.io/queue-name": "digits"}}
    await world.change(
        activeDeadlineSeconds=60,
        attempts={"limit": 1},
        trainer={"job": labels},
        successfulRunsHistoryLimit=3,
    )
    await world.shows("UpToDate", observedGeneration=2, active=[])
    following = await world.push(digits=1)
    await at_rest(world, commit, following)

    assert [commit, following] == watch.commits


async def test_data_that_comes_during_a_retraining_waits_for_its_end(
    world, operator, watch, gate
):
    await world.apply(trainer=OLD, **RETRAIN)
    gate.open()
    first = await world.push(digits=0, wait_for=str(gate))
    await world.model_of(first)
    await gate.reached()
    gate.shut()
    await change(world, 2, NEW)
    await gate.reached()
    second = await world.push(digits=1)
    await world.shows("Training", pendingCommits=1)
    gate.open()
    await at_rest(world, first, first, second)

    assert [OLD, NEW, NEW] == await trainers(world)
    assert 1 == watch.most

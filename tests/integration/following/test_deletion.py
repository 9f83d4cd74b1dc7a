"""Deleting a MnistTraining in the middle of a run: whose is the run then?"""

from collections import Counter

import pytest

from integration.following.scenes import (
    allow,
    decided,
    no_jobs,
    open_all,
    push_all,
    reached,
)
from integration.operators import InProcess
from integration.world import EARLIEST, PODS, RUNS, until
from mnist_operator.commits import Branch
from mnist_operator.decisions import Decision
from mnist_operator.runs import Verdict, read_attempt

SLOT = Branch(RUNS, "team_mnist_0")
ORPHAN = {"deletionPolicy": "Orphan"}


async def running(world, gate, **spec):
    """Apply, push, and wait until the trainer has its data."""
    await world.apply(**spec)
    commit = await world.push(digits=0, wait_for=str(gate))
    await gate.reached()
    await world.reason("Training")
    return commit


async def owners(world):
    """The uid of each TFJob's owner; None for one that has none."""
    return [
        next((o["uid"] for o in job["metadata"].get("ownerReferences", [])), None)
        for job in await world.jobs()
    ]


async def owned_by(world, *uids):
    async def look():
        return Counter(await owners(world)) == Counter(uids)

    await until(look, f"TFJobs that belong to {uids}")


# --- Cancel -------------------------------------------------------------------------


async def test_cancel_stops_the_run_and_whoever_applies_again_trains_it_once(
    world, operator, watch, gate
):
    first = await world.push(digits=9)
    made = await world.apply(trigger=EARLIEST)
    await world.model_of(first)
    commit = await world.push(digits=0, wait_for=str(gate))
    await gate.reached()
    uid = made["metadata"]["uid"]
    before = await owners(world)

    await world.delete()
    await no_jobs(world)
    await world.apply(trigger=EARLIEST)
    await gate.reached()
    gate.open()
    await decided(world, first, commit)

    attempts = [read_attempt(each) for each in await world.commits(SLOT)]
    ended = [(a.commit, a.outcome.verdict, a.outcome.reason) for a in attempts]
    assert [uid, uid] == before
    assert [
        (first, Verdict.SUCCEEDED, ""),
        (commit, Verdict.ABANDONED, "Recreated"),
        (commit, Verdict.SUCCEEDED, ""),
    ] == ended
    assert [first, commit] == await world.trained()
    assert [first, commit, commit] == watch.commits
    assert 2 == len(await world.told("ModelPublished"))


async def test_cancel_leaves_no_pod_behind(world, operator, gate):
    await running(world, gate)
    await world.delete()

    async def look():
        return not (await world.kube.call("GET", PODS))["items"]

    await until(look, "the end of every pod")
    assert [] == await world.commits()


async def test_cancel_stops_the_runs_of_every_slot(world, operator, watch, gates):
    await world.apply(**allow(3))
    pushed = await push_all(world, gates[:3])
    await reached(*gates[:3])
    await world.delete()
    await no_jobs(world)

    await world.apply(**allow(3))
    await reached(*gates[:3])
    open_all(gates)
    await decided(world, *pushed)

    assert pushed == await world.trained()
    assert sorted(pushed * 2) == sorted(watch.commits)


# --- Orphan -------------------------------------------------------------------------


async def test_an_orphan_lives_on_and_whoever_applies_again_gets_its_model(
    world, operator, watch, gate
):
    commit = await running(world, gate, **ORPHAN)
    before = await owners(world)
    await world.delete()
    (job,) = await world.jobs()
    again = await world.apply(**ORPHAN)
    await world.shows("Training", pendingCommits=1)
    between = await owners(world)
    gate.open()
    await decided(world, commit)

    (model,) = await world.models()
    assert ([None], [None]) == (before, between)
    assert (commit, 1) == (model.input_commit, model.attempt)
    assert job["metadata"]["name"] == model.tfjob
    assert [commit] == watch.commits
    await owned_by(world, again["metadata"]["uid"])


async def test_an_orphan_that_ends_while_nobody_follows_it_is_published_later(
    world, operator, watch, gate
):
    commit = await running(world, gate, **ORPHAN)
    await world.delete()
    gate.open()
    await until(lambda: has_ended(world), "the end of the TFJob")
    missed = await world.push(digits=1)

    await world.apply(**ORPHAN)
    await decided(world, commit, missed)

    assert [commit, missed] == await world.trained()
    assert [commit, missed] == watch.commits


async def has_ended(world):
    (job,) = await world.jobs()
    conditions = job.get("status", {}).get("conditions", [])
    return any(each["type"] in {"Succeeded", "Failed"} for each in conditions)


async def test_an_orphan_that_fails_while_nobody_follows_it_is_recorded_later(
    world, operator, watch, gate
):
    await world.apply(**ORPHAN)
    commit = await world.push(exit=1, wait_for=str(gate))
    await gate.reached()
    await world.reason("Training")
    await world.delete()
    gate.open()
    await until(lambda: has_ended(world), "the end of the TFJob")

    await world.apply(**ORPHAN)
    await decided(world, commit)

    (entry,) = await world.entries()
    assert (Decision.FAILED, commit) == (entry.decision, entry.commit)
    assert [commit] == watch.commits


async def test_an_orphan_keeps_its_trainer_under_whoever_applies_another(
    world, operator, watch, gate
):
    commit = await running(world, gate, trainer={"parameters": {"epochs": 1}}, **ORPHAN)
    await world.delete()
    await world.apply(trainer={"parameters": {"epochs": 2}})
    await world.shows("Training", pendingCommits=1)
    gate.open()
    await decided(world, commit)

    (model,) = await world.models()
    attempt = await world.content(RUNS, model.run, "/attempt.json")
    assert {"epochs": 1} == attempt["spec"]["trainer"]["parameters"]
    assert [commit] == watch.commits


async def test_an_orphan_belongs_to_whoever_applies_with_cancel(world, operator, gate):
    await running(world, gate, **ORPHAN)
    await world.delete()
    again = await world.apply()
    await owned_by(world, again["metadata"]["uid"])
    await world.delete()
    await no_jobs(world)


async def test_the_policy_may_change_in_the_middle_of_a_run(
    world, operator, watch, gate
):
    made = await world.apply()
    commit = await world.push(digits=0, wait_for=str(gate))
    await gate.reached()
    uid = made["metadata"]["uid"]
    await owned_by(world, uid)
    await world.change(deletionPolicy="Orphan")
    await owned_by(world, None)
    await world.change(deletionPolicy="Cancel")
    await owned_by(world, uid)
    await world.change(deletionPolicy="Orphan")
    await owned_by(world, None)
    await world.delete()
    await world.apply(**ORPHAN)
    gate.open()
    await decided(world, commit)

    assert [commit] == watch.commits


async def test_a_finished_tfjob_goes_with_its_training_also_with_orphan(
    world, operator
):
    made = await world.apply(trigger=EARLIEST, **ORPHAN)
    sound, failed = await world.push(digits=1), await world.push(exit=1)
    await world.model_of(sound)
    await world.decision(failed)
    uid = made["metadata"]["uid"]
    await owned_by(world, uid, uid)

    await world.delete()
    await no_jobs(world)
    assert [sound] == await world.trained()


async def test_only_the_run_under_way_stays_with_orphan(world, operator, watch, gate):
    made = await world.apply(**ORPHAN)
    first = await world.push(digits=1)
    await world.model_of(first)
    second = await world.push(digits=2, wait_for=str(gate))
    await gate.reached()
    await owned_by(world, made["metadata"]["uid"], None)
    await world.delete()

    async def one_left():
        return 1 == len(await world.jobs())

    await until(one_left, "the end of the finished TFJob")
    await world.apply(**ORPHAN)
    gate.open()
    await decided(world, first, second)
    assert [first, second] == watch.commits


@pytest.mark.parametrize("policy", ["Cancel", "Orphan"])
async def test_deleting_ends_with_pachyderm_gone(world, operator, gate, policy):
    await running(world, gate, deletionPolicy=policy)
    await world.cluster.pachd.stop()

    await world.delete()

    async def look():
        return (policy == "Orphan") == bool(await world.jobs())

    await until(look, "what the policy says of the TFJob")


async def test_an_orphan_is_found_by_an_operator_that_was_not_there(world, watch, gate):
    async with InProcess(world):
        commit = await running(world, gate, **ORPHAN)
        await world.delete()
    await world.apply(**ORPHAN)
    async with InProcess(world):
        await world.shows("Training", pendingCommits=1)
        gate.open()
        await decided(world, commit)

    assert [commit] == watch.commits
    assert [commit] == await world.trained()

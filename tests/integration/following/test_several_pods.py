"""Several pods train one model: they meet, one of them writes, and a lost one is told.

The pods are processes of this machine, which meet by the names in their TF_CONFIG.
"""

import pytest

from integration.stories import assert_one_story, settled
from integration.world import PEERS_IMAGE, PODS, RUNS, until
from mnist_operator.decisions import Decision

AT_ONCE = {"attempts": {"backoffSeconds": 0}}
_CHIEF = {"chief": 1, "worker": 2}


def trained_by(**replicas):
    return {"trainer": {"image": PEERS_IMAGE, "replicas": replicas}}


async def record_of(world, attempt_of_model):
    """What is written down about the attempt before the one that made a model."""
    run = await world.pachyderm.commit(RUNS, attempt_of_model.run)
    return dict(await world.content(RUNS, run.parent, "/record.json"))


async def services(world):
    found = (await world.kube.call("GET", world.core("services")))["items"]
    return {each["metadata"]["name"] for each in found}


@pytest.mark.parametrize(
    ("replicas", "speaker", "places"),
    [
        pytest.param(
            _CHIEF, "chief-0", {"chief-0", "worker-0", "worker-1"}, id="with-a-chief"
        ),
        pytest.param(
            {"worker": 2}, "worker-0", {"worker-0", "worker-1"}, id="equal-workers"
        ),
    ],
)
async def test_pods_that_find_one_another_make_one_model(
    world, operator, gate, replicas, speaker, places
):
    await world.apply(**trained_by(**replicas))
    commit = await world.push(digits=1, wait_for=str(gate))
    await gate.reached()
    await world.reason("Training")
    met = await services(world)
    gate.open()
    model = await world.model_of(commit)
    await settled(world, commit)

    run = await world.pachyderm.commit(RUNS, model.run)
    kept = await world.content(RUNS, run.id, "/record.json")
    assert {f"{model.tfjob}-{place}" for place in places} == met
    assert f"{model.tfjob}-{speaker}" == kept["pod"]
    assert "otherImages" not in kept
    assert [commit] == await world.trained()
    await assert_one_story(world)


async def test_a_worker_that_is_killed_explains_the_failure_and_is_tried_again(
    world, operator, gate
):
    await world.apply(**trained_by(**_CHIEF), **AT_ONCE)
    commit = await world.push(digits=1, wait_for=str(gate))
    await gate.reached()
    await world.reason("Training")
    (job,) = await world.jobs()
    worker = f"{job['metadata']['name']}-worker-1"
    await world.cluster.node.kill_pod("team", worker, reason="OOMKilled")
    (failed,) = await until(lambda: world.told("AttemptFailed"), "the failure")
    gate.open()
    model = await world.model_of(commit)

    kept = await record_of(world, model)
    assert 2 == model.attempt
    assert f"Pod {worker}: OOMKilled (exit code 137): it needed more" in failed
    assert ("TrainerKilled", True, 137, worker) == (
        kept["reason"],
        kept["retryable"],
        kept["exitCode"],
        kept["pod"],
    )


async def test_a_worker_that_fails_for_good_is_recorded_after_one_attempt(
    world, operator
):
    await world.apply(**trained_by(**_CHIEF))
    words = {"reason": "InvalidData", "say": "x_train is empty"}
    commit = await world.push(exit=10, fails="worker-1", **words)
    entry = await world.decision(commit)

    assert (Decision.FAILED, "InvalidData", 1) == (
        entry.decision,
        entry.reason,
        entry.attempt,
    )
    assert entry.message.endswith("-worker-1: Exit code 10. x_train is empty")
    assert [] == await world.commits()


async def test_a_worker_that_is_deleted_is_tried_again(world, operator, gate):
    await world.apply(**trained_by(**_CHIEF), **AT_ONCE)
    commit = await world.push(digits=1, wait_for=str(gate))
    await gate.reached()
    await world.reason("Training")
    (job,) = await world.jobs()
    name = job["metadata"]["name"]
    await world.kube.call("DELETE", f"{PODS}/{name}-worker-0")
    await until(lambda: world.told("AttemptFailed"), "the failure")
    gate.open()
    model = await world.model_of(commit)

    assert (2, True) == (model.attempt, (await record_of(world, model))["retryable"])

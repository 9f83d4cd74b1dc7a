"""A pod is taken away: by its node, by an administrator, by nobody knows whom."""

from contextlib import suppress

import pytest

from cluster.tfjobs.endings import AT_ONCE, goes_on, is_tried_again
from integration.stories import settled
from integration.world import until
from local_cluster.kube.client import ClientError


async def running(world, hands):
    """A commit, and the pod that trains on it."""
    await world.apply(**AT_ONCE)
    commit = await world.push(digits=1)
    pod = await hands.pod(commit)
    await pod.run()
    await world.reason("Training")
    return commit, pod


async def test_a_pod_that_is_evicted_is_tried_again(world, operator, hands):
    commit, pod = await running(world, hands)
    why = "The node was low on resource: memory."
    await pod.report("Failed", reason="Evicted", message=why)
    kept = await is_tried_again(world, hands, commit, pod)

    assert "PodLost" == kept["reason"]
    assert f"Evicted: {why}" in kept["message"]
    await goes_on(world, hands)


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        pytest.param(
            "DeletionByTaintManager",
            "Taint manager: deleting due to NoExecute taint",
            id="its-node-is-lost",
        ),
        pytest.param(
            "EvictionByEvictionAPI", "Eviction API: evicting", id="its-node-is-drained"
        ),
    ],
)
async def test_a_running_pod_that_is_to_go_is_tried_again(
    world, operator, hands, cause, why
):
    commit, pod = await running(world, hands)
    disrupted = {"type": "DisruptionTarget", "status": "True"}
    disrupted |= {"reason": cause, "message": why}
    await pod.report("Running", conditions=[disrupted])
    await pod.delete()
    kept = await is_tried_again(world, hands, commit, pod)
    await pod.delete(force=True)

    assert "PodLost" == kept["reason"]
    assert f"{cause}: {why}" in kept["message"]
    await goes_on(world, hands)


async def test_a_running_pod_that_somebody_deletes_is_tried_again(
    world, operator, hands
):
    commit, pod = await running(world, hands)
    await pod.delete()
    kept = await is_tried_again(world, hands, commit, pod)

    assert "PodLost" == kept["reason"]
    await goes_on(world, hands)


async def test_a_waiting_pod_that_somebody_deletes_is_made_again_by_its_job(
    world, operator, hands
):
    await world.apply(**AT_ONCE)
    commit = await world.push(digits=1)
    pod = await hands.pod(commit)
    await pod.delete()
    second = await hands.pod(commit, after=pod.uid)
    await hands.train(commit)
    await settled(world, commit)

    assert pod.job == second.job
    assert [1] == [model.attempt for model in await world.models()]
    await goes_on(world, hands)


async def test_a_running_pod_that_is_taken_by_force_ends_in_one_model(
    world, operator, hands
):
    """Its job fails, or makes it again, or both: the controller races with itself."""
    commit, pod = await running(world, hands)
    await pod.delete(force=True)

    async def trained():
        found = [*await hands.pods(commit, 2), *await hands.pods(commit)]
        for each in found[:1]:
            # That of a job that failed goes again, perhaps while this is done.
            with suppress(ClientError):
                await each.run()
                if await (await hands.start(each)).wait() == 0:
                    await each.end(0)
        return await world.models()

    await until(trained, "a model")
    await settled(world, commit)

    assert [commit] == await world.trained()
    await goes_on(world, hands)

"""Runs that fail and may be tried again: another TFJob, how often, how soon."""

import pytest

from integration.world import PODS, TFJOBS, until
from mnist_operator.decisions import Decision
from mnist_operator.tfjob import ATTEMPT_LABEL

AT_ONCE = {"attempts": {"backoffSeconds": 0}}


async def attempts(world):
    """The attempts whose TFJobs were created, by number."""
    jobs = await world.jobs()
    return {int(job["metadata"]["labels"][ATTEMPT_LABEL]): job for job in jobs}


async def only_pod(world):
    """Wait for the one pod; return its name."""

    async def look():
        return (await world.kube.call("GET", PODS))["items"]

    (pod,) = await until(look, "a pod")
    return pod["metadata"]["name"]


@pytest.mark.parametrize(
    ("code", "listed"),
    [
        pytest.param(137, [], id="killed"),
        pytest.param(3, [3], id="listed-in-the-spec"),
    ],
)
async def test_some_exit_codes_are_tried_again_with_another_tfjob(
    world, operator, gate, code, listed
):
    patient = {"attempts": {"backoffSeconds": 3600, "retryableExitCodes": listed}}
    await world.apply(**patient)
    commit = await world.push(exit=code, unless=str(gate))
    retrying = await world.reason("Retrying")
    gate.open()
    await world.change(**AT_ONCE)

    model = await world.model_of(commit)
    tried = await attempts(world)
    (failed,) = await world.told("AttemptFailed")

    assert (2, {1, 2}) == (model.attempt, set(tried))
    assert tried[2]["metadata"]["name"] == model.tfjob
    assert tried[1]["metadata"]["name"] != model.tfjob
    assert f"Exit code {code}" in retrying["message"]
    assert f"Exit code {code}" in failed


async def test_the_last_attempt_is_the_one_that_is_recorded(world, operator):
    await world.apply(attempts={"limit": 2, "backoffSeconds": 0})
    commit = await world.push(exit=137)
    entry = await world.decision(commit)
    await world.reason("TrainingFailed")

    assert (Decision.FAILED, "TrainerKilled", 2) == (
        entry.decision,
        entry.reason,
        entry.attempt,
    )
    assert {1, 2} == set(await attempts(world))
    assert 2 == len(await world.told("AttemptFailed"))
    assert 1 == len(await world.told("TrainingFailed"))


async def test_an_image_that_comes_late_is_tried_again(world, operator):
    await world.apply(
        startupDeadlineSeconds=1,
        trainer={"image": "late:image"},
        attempts={"backoffSeconds": 3600},
    )
    commit = await world.push(digits=1)
    await world.reason("Retrying")

    await world.change(startupDeadlineSeconds=600, trainer={"image": None}, **AT_ONCE)
    model = await world.model_of(commit)

    assert 2 == model.attempt


async def test_a_tfjob_that_a_user_deletes_is_made_again(world, operator, gate):
    await world.apply(**AT_ONCE)
    commit = await world.push(digits=1, wait_for=str(gate))
    await gate.reached()
    (job,) = await world.jobs()

    await world.kube.call("DELETE", f"{TFJOBS}/{job['metadata']['name']}")
    await gate.reached()
    gate.open()
    model = await world.model_of(commit)

    assert 2 == model.attempt
    assert "JobLost" in (await world.told("AttemptFailed"))[0]


async def test_a_pod_that_is_evicted_is_tried_again(world, operator, gate):
    await world.apply(**AT_ONCE)
    commit = await world.push(digits=1, wait_for=str(gate))
    await gate.reached()

    await world.cluster.node.evict("team", await only_pod(world))
    await gate.reached()
    gate.open()
    model = await world.model_of(commit)

    assert 2 == model.attempt
    assert "low on resource" in (await world.told("AttemptFailed"))[0]


async def test_a_pod_that_is_killed_for_memory_is_tried_again(world, operator, gate):
    await world.apply(**AT_ONCE)
    commit = await world.push(digits=1, wait_for=str(gate))
    await gate.reached()

    await world.cluster.node.kill_pod("team", await only_pod(world), reason="OOMKilled")
    await gate.reached()
    gate.open()
    model = await world.model_of(commit)

    assert 2 == model.attempt
    assert "OOMKilled" in (await world.told("AttemptFailed"))[0]


async def test_a_pod_that_a_user_deletes_is_tried_again(world, operator, gate):
    await world.apply(**AT_ONCE)
    commit = await world.push(digits=1, wait_for=str(gate))
    await gate.reached()

    await world.kube.call("DELETE", f"{PODS}/{await only_pod(world)}")
    await gate.reached()
    gate.open()
    await world.model_of(commit)

    assert [commit] == [model.input_commit for model in await world.models()]

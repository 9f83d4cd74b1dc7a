"""A TFJob comes to its end: what its conditions say, and what is made of them."""

import pytest

from cluster.tfjobs.endings import AT_ONCE, goes_on, is_tried_again, names
from cluster.tfjobs.stage import holding
from integration.stories import decisions, settled
from integration.world import until


async def test_a_job_that_succeeds_is_published(world, operator, hands):
    await world.apply()
    commit = await world.push(digits=1)
    pod = await hands.train(commit)
    await settled(world, commit)

    assert [(commit, pod.job)] == [
        (model.input_commit, model.tfjob) for model in await world.models()
    ]
    assert [(commit, "Published")] == await decisions(world)
    assert {(commit, 1)} < set(await goes_on(world, hands))


async def test_a_job_that_never_said_it_was_running_is_published(
    world, operator, hands
):
    await world.apply()
    commit = await world.push(digits=1)
    pod = await hands.pod(commit)
    await hands.work(pod)
    await pod.end(0)
    await settled(world, commit)

    (job,) = await world.jobs()
    assert {"Created", "Succeeded"} == {
        each["type"] for each in job["status"]["conditions"]
    }
    assert [commit] == await world.trained()
    await goes_on(world, hands)


async def test_an_exit_code_up_to_127_is_recorded_after_one_attempt(
    world, operator, hands
):
    await world.apply(**AT_ONCE)
    commit = await world.push(digits=1)
    pod = await hands.pod(commit)
    await pod.run()
    words = '{"reason": "InvalidData", "message": "x_train is empty"}'
    await pod.end(10, message=words)
    entry = await world.decision(commit)
    ready = await world.reason("TrainingFailed")

    assert ("InvalidData", 1, pod.job) == (entry.reason, entry.attempt, entry.tfjob)
    assert "Exit code 10. x_train is empty" == entry.message
    assert "False" == ready["status"]
    assert entry.message in ready["message"]
    assert [] == await world.commits()
    assert {(commit, 1): pod.job} == await names(world)
    await goes_on(world, hands)


@pytest.mark.parametrize(
    ("code", "reason", "told"),
    [
        pytest.param(137, "OOMKilled", "OOMKilled (exit code 137)", id="out-of-memory"),
        pytest.param(143, "Error", "Exit code 143 (terminated)", id="terminated"),
    ],
)
async def test_an_exit_code_from_128_on_is_tried_again_under_another_name(
    world, operator, hands, code, reason, told
):
    await world.apply(**AT_ONCE)
    commit = await world.push(digits=1)
    pod = await hands.pod(commit)
    await pod.run()
    await pod.end(code, reason)
    kept = await is_tried_again(world, hands, commit, pod)

    assert ("TrainerKilled", code) == (kept["reason"], kept["exitCode"])
    assert kept["message"].startswith(told)
    assert {(commit, 1), (commit, 2)} < set(await goes_on(world, hands))


async def test_a_job_that_is_said_to_have_failed_and_succeeded_has_failed(
    world, operator, hands
):
    await world.apply(**AT_ONCE)
    commit = await world.push(digits=1)
    pod = await hands.pod(commit)
    await pod.run()
    await world.reason("Training")
    await hands.work(pod)
    await hold(world, pod.job, "Succeeded", "Failed")
    kept = await is_tried_again(world, hands, commit, pod)

    jobs = {job["metadata"]["name"]: holding(job) for job in await world.jobs()}
    assert {"Succeeded", "Failed"} < jobs[pod.job]
    assert "PodLost" == kept["reason"]
    await goes_on(world, hands)


async def hold(world, job, *kinds):
    """Say by hand that these conditions hold."""
    path = f"{world.tfjobs}/{job}"

    async def running():
        found = await world.kube.call("GET", path)
        return found["status"]["conditions"] if "Running" in holding(found) else None

    known = await until(running, "the condition Running")
    now = known[0]["lastTransitionTime"]
    said = [
        {
            "type": kind,
            "status": "True",
            "reason": f"TFJob{kind}",
            "message": "by hand",
            "lastTransitionTime": now,
        }
        for kind in kinds
    ]
    status = {"conditions": [*known, *said]}
    await world.kube.call("PATCH", f"{path}/status", {"status": status})

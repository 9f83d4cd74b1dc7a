"""A job whose pod never runs: its status stays empty, or at Created, for ever."""

import pytest

from cluster.tfjobs.endings import AT_ONCE, goes_on
from cluster.tfjobs.stage import holding
from integration.stories import settled
from integration.world import until
from mnist_operator.decisions import Decision

ONCE = {"attempts": {"limit": 1}}
TOO_MUCH = {"resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}}


async def test_a_pod_that_the_api_server_refuses_is_given_up_with_its_words(
    world, operator, hands
):
    await world.apply(**ONCE, trainer=TOO_MUCH)
    commit = await world.push(digits=1)
    await refusal(world, "cpu limit of 1")
    await starting(world, "FailedCreatePod: Error creating: ", "cpu limit of 1")
    (job,) = await world.jobs()
    await world.change(startupDeadlineSeconds=1)
    entry = await world.decision(commit)
    room = {"resources": {"limits": {"cpu": "2"}}}
    await world.change(startupDeadlineSeconds=600, trainer=room)

    assert set() == holding(job)
    assert (Decision.FAILED, "StartupDeadlineExceeded", 1) == (
        entry.decision,
        entry.reason,
        entry.attempt,
    )
    for told in (
        "within 1 s (spec.startupDeadlineSeconds)",
        "FailedCreatePod",
        "cpu limit of 1",
    ):
        assert 1 == entry.message.count(told)
    assert entry.message in (await world.reason("TrainingFailed"))["message"]
    assert [] == await world.jobs()
    await goes_on(world, hands, with_jobs=False)


async def test_a_pod_that_a_quota_refuses_is_trained_when_there_is_room(
    world, operator, hands
):
    await set_quota(world, "0")
    await world.apply(**ONCE)
    commit = await world.push(digits=1)
    await refusal(world, "exceeded quota")
    await set_quota(world, "9")
    pod = await hands.train(commit)
    await settled(world, commit)

    assert [(1, pod.job)] == [(m.attempt, m.tfjob) for m in await world.models()]
    await goes_on(world, hands)


async def refusal(world, words):
    """Wait until the controller says that it could not make a pod, and why."""

    async def told():
        events = (await world.kube.call("GET", world.core("events")))["items"]
        failed = [each for each in events if each["reason"] == "FailedCreatePod"]
        return any(words in each["message"] for each in failed)

    await until(told, words)


async def starting(world, *words):
    """Wait until it is told that a job starts, and what it waits for."""

    async def told():
        ready = await world.condition()
        said = all(each in ready.get("message", "") for each in words)
        return ready if said and ready["reason"] == "Starting" else None

    # A change is a wake-up: without it, the next look would come within 10 s.
    await world.change(startupDeadlineSeconds=599)
    return await until(told, f"{words}")


async def set_quota(world, pods):
    """Allow so many pods; status is what the quota controller would count."""
    path, hard = world.core("resourcequotas"), {"pods": pods}
    quota = {"metadata": {"name": "few"}, "spec": {"hard": hard}}
    if pods == "0":
        await world.kube.call("POST", path, quota)
    else:
        await world.kube.call("PATCH", f"{path}/few", quota)
    status = {"status": {"hard": hard, "used": {"pods": "0"}}}
    await world.kube.call("PATCH", f"{path}/few/status", status)


async def _no_image(pod):
    await pod.bind()
    await pod.wait("ImagePullBackOff", 'Back-off pulling image "tiny/trainer:1"')


async def _no_node(pod):
    unmet = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": "0/3 nodes are available: 3 Insufficient memory.",
    }
    await pod.report("Pending", conditions=[unmet])


@pytest.mark.parametrize(
    ("become", "why", "told"),
    [
        pytest.param(
            _no_image,
            'ImagePullBackOff: Back-off pulling image "tiny/trainer:1"',
            "image tiny/trainer:1 cannot be pulled. Mend spec.trainer.image",
            id="without-its-image",
        ),
        pytest.param(
            _no_node,
            "Unschedulable: 0/3 nodes are available: 3 Insufficient memory.",
            "Unschedulable: 0/3 nodes are available: 3 Insufficient memory.",
            id="without-a-node",
        ),
    ],
)
async def test_a_pod_that_waits_is_told_with_its_reason_and_then_given_up(
    world, operator, hands, become, why, told
):
    await world.apply(attempts={"limit": 2, "backoffSeconds": 600})
    commit = await world.push(digits=1)
    pod = await hands.pod(commit)
    await become(pod)
    ready = await starting(world, why)
    await world.change(startupDeadlineSeconds=1)
    await world.reason("Retrying")
    at_once = {"backoffSeconds": 0}
    await world.change(startupDeadlineSeconds=600, attempts=at_once)
    (failed,) = await world.told("AttemptFailed")
    second = await hands.train(commit, 2)
    await settled(world, commit)

    assert "Unknown" == ready["status"]
    assert pod.job in ready["message"]
    given_up = "No pod ran within 1 s (spec.startupDeadlineSeconds):"
    assert f"StartupDeadlineExceeded: {given_up} {told}" in failed
    assert pod.job != second.job
    assert [2] == [model.attempt for model in await world.models()]
    await goes_on(world, hands, with_jobs=False)


async def test_a_quiet_job_is_ended_at_its_deadline(world, operator, hands):
    await world.apply(**AT_ONCE)
    commit = await world.push(digits=1)
    pod = await hands.pod(commit)
    await pod.run()
    await world.reason("Training")
    await world.change(activeDeadlineSeconds=1)
    entry = await world.decision(commit)
    await world.change(activeDeadlineSeconds=600)

    assert (Decision.FAILED, "DeadlineExceeded", 1) == (
        entry.decision,
        entry.reason,
        entry.attempt,
    )
    assert "activeDeadlineSeconds: 1" in entry.message
    assert [] == await world.jobs()
    assert [] == await world.commits()
    await goes_on(world, hands, with_jobs=False)

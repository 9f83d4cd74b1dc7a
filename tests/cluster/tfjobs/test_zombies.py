"""Pods that live on when their job is over: what they write reaches nothing."""

import asyncio

from cluster.tfjobs.endings import AT_ONCE, goes_on, is_gone
from integration.stories import settled
from integration.world import OUTPUT, until


async def reached(gate):
    """Wait until a trainer has read its data and stands before this file."""
    sign = gate.with_name(f"{gate.name}.reached")

    async def there():
        return await asyncio.to_thread(sign.exists)

    await until(there, "a trainer at the gate")


async def zombie(world, hands, gate):
    """A commit, its pod, and the trainer in it, which will write late."""
    await world.apply(**AT_ONCE)
    commit = await world.push(digits=1, wait_for=str(gate))
    pod = await hands.pod(commit)
    await pod.run()
    trainer = await hands.start(pod)
    await reached(gate)
    await world.reason("Training")
    return commit, pod, trainer


async def assert_refused(world, hands, gate, trainer, commit):
    """Let it write now; then train again, and look at what was published."""
    second = await hands.pod(commit, 2)
    gate.touch()
    late = await trainer.wait()
    await second.run()
    await hands.work(second)
    await second.end(0)
    await settled(world, commit)

    (model,) = await world.models()
    assert 1 == late
    assert (2, second.job) == (model.attempt, model.tfjob)
    assert 1 == len(await world.commits(OUTPUT))


async def test_a_trainer_that_outlives_its_failed_job_is_refused(
    world, operator, hands, tmp_path
):
    gate = tmp_path / "gate"
    commit, pod, trainer = await zombie(world, hands, gate)
    await pod.delete()
    await assert_refused(world, hands, gate, trainer, commit)
    await goes_on(world, hands)


async def test_a_pod_that_a_failed_job_makes_again_is_refused(world, operator, hands):
    """Seen now and then when a running pod is taken by force."""
    await world.apply(**AT_ONCE)
    commit = await world.push(digits=1)
    pod = await hands.pod(commit)
    await pod.run()
    await pod.delete()
    second = await hands.pod(commit, 2)
    await pod.disappear()
    again = await pod.again()
    trainer = await hands.start(again)
    late = await trainer.wait()
    await hands.train(commit, 2)
    await settled(world, commit)

    (model,) = await world.models()
    assert 1 == late
    assert (2, second.job) == (model.attempt, model.tfjob)
    await goes_on(world, hands)


async def test_a_trainer_that_outlives_its_deadline_is_refused(
    world, operator, hands, tmp_path
):
    gate = tmp_path / "gate"
    commit, _, trainer = await zombie(world, hands, gate)
    await world.change(activeDeadlineSeconds=1)
    entry = await world.decision(commit)
    await world.change(activeDeadlineSeconds=600)
    gate.touch()

    assert 1 == await trainer.wait()
    assert "DeadlineExceeded" == entry.reason
    assert [] == await world.commits(OUTPUT)
    await goes_on(world, hands, with_jobs=False)


async def test_a_trainer_whose_job_was_deleted_without_it_is_refused(
    world, operator, hands, tmp_path
):
    gate = tmp_path / "gate"
    commit, pod, trainer = await zombie(world, hands, gate)
    orphan = {
        "kind": "DeleteOptions",
        "apiVersion": "v1",
        "propagationPolicy": "Orphan",
    }
    await world.kube.call("DELETE", f"{world.tfjobs}/{pod.job}", orphan)
    await assert_refused(world, hands, gate, trainer, commit)

    # What the garbage collector does: the job stays until its pods are nobody's.
    free = {"metadata": {"ownerReferences": []}}
    await world.kube.call("PATCH", pod.path, free)
    done = {"metadata": {"finalizers": []}}
    await world.kube.call("PATCH", f"{world.tfjobs}/{pod.job}", done)
    await is_gone(world, pod.job)
    (told,) = await world.told("AttemptFailed")
    assert "JobLost" in told
    await goes_on(world, hands, with_jobs=False)


async def test_a_trainer_whose_job_was_deleted_by_hand_is_refused(
    world, operator, hands, tmp_path
):
    gate = tmp_path / "gate"
    commit, pod, trainer = await zombie(world, hands, gate)
    await world.kube.call("DELETE", f"{world.tfjobs}/{pod.job}")
    await assert_refused(world, hands, gate, trainer, commit)

    (told,) = await world.told("AttemptFailed")
    assert "JobLost" in told
    await goes_on(world, hands, with_jobs=False)


async def test_two_trainers_of_one_attempt_make_one_model_or_none(
    world, operator, hands, tmp_path
):
    """The job is suspended, and the pod's node does not hear of it."""
    gate = tmp_path / "gate"
    commit, pod, trainer = await zombie(world, hands, gate)
    job = f"{world.tfjobs}/{pod.job}"
    await world.kube.call("PATCH", job, {"spec": {"runPolicy": {"suspend": True}}})
    await hands.leave(commit)
    await pod.disappear()
    await world.reason("Queued")
    await world.kube.call("PATCH", job, {"spec": {"runPolicy": {"suspend": False}}})
    second = await hands.pod(commit, after=pod.uid)
    await second.run()
    gate.touch()
    await asyncio.gather(trainer.wait(), hands.work(second))
    await second.end(0)
    await settled(world, commit)

    assert [(commit, 1)] == [(m.input_commit, m.attempt) for m in await world.models()]
    await goes_on(world, hands)

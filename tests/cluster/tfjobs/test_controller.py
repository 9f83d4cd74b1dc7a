"""The TFJob controller is away for a while, and its webhook with it."""

import pytest

from cluster.tfjobs.endings import AT_ONCE, goes_on
from integration.following.scenes import allow
from integration.stories import settled


@pytest.fixture(name="controller")
def _controller(tfjob_controller):
    """It is there again when the next test begins."""
    yield tfjob_controller.running
    if not tfjob_controller.running.is_running:
        tfjob_controller.running.start()


async def test_jobs_that_its_webhook_cannot_review_are_created_later(
    world, operator, hands, controller
):
    controller.stop()
    await world.apply(**AT_ONCE)
    commit = await world.push(digits=1)
    ready = await world.reason("KubernetesUnavailable")
    none_yet = await world.jobs()
    controller.start()
    await hands.train(commit)
    await settled(world, commit)

    assert "failed calling webhook" in ready["message"]
    assert "False" == ready["status"]
    assert [] == none_yet
    assert [(commit, 1)] == [(m.input_commit, m.attempt) for m in await world.models()]
    assert 1 == len(await world.told("RunStarted"))
    await goes_on(world, hands)


async def test_what_ends_while_it_is_away_is_told_when_it_is_back(
    world, operator, hands, controller
):
    await world.apply(**allow(3), **AT_ONCE)
    ended, failed, goes = [await world.push(digits=digit) for digit in range(3)]
    pods = {each: await hands.pod(each) for each in (ended, failed, goes)}
    for pod in pods.values():
        await pod.run()
    controller.kill()
    await hands.work(pods[ended])
    await pods[ended].end(0)
    await pods[failed].end(137)
    controller.start()
    await world.model_of(ended)
    await hands.train(failed, 2)
    await hands.work(pods[goes])
    await pods[goes].end(0)
    await settled(world, goes)

    assert [(ended, 1), (failed, 2), (goes, 1)] == [
        (model.input_commit, model.attempt) for model in await world.models()
    ]
    assert 4 == len(await world.jobs())
    await goes_on(world, hands)


async def test_a_pod_that_is_gone_when_it_comes_back_is_made_again(
    world, operator, hands, controller
):
    await world.apply(**AT_ONCE)
    commit = await world.push(digits=1)
    pod = await hands.pod(commit)
    await pod.run()
    await world.reason("Training")
    controller.stop()
    await pod.delete(force=True)
    controller.start()
    second = await hands.pod(commit, after=pod.uid)
    await hands.train(commit)
    await settled(world, commit)

    assert pod.job == second.job
    assert [1] == [model.attempt for model in await world.models()]
    await goes_on(world, hands)

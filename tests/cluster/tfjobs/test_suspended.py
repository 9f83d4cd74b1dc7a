"""A TFJob that is suspended, as Kueue does it, or edited by somebody else's hand."""

from cluster.tfjobs.endings import AT_ONCE, goes_on, is_gone, is_tried_again
from integration.stories import settled
from integration.world import INPUT
from mnist_operator.commits import Branch
from mnist_operator.decisions import Decision
from mnist_operator.tfjob import RUN_LABEL


async def suspend(world, job, *, suspended=True):
    """Do what Kueue does."""
    change = {"spec": {"runPolicy": {"suspend": suspended}}}
    await world.kube.call("PATCH", f"{world.tfjobs}/{job}", change)


async def running(world, hands):
    await world.apply(**AT_ONCE)
    commit = await world.push(digits=1)
    pod = await hands.pod(commit)
    await pod.run()
    await world.reason("Training")
    return commit, pod


async def test_a_job_that_is_suspended_while_it_runs_goes_on_where_it_is_resumed(
    world, operator, hands
):
    commit, pod = await running(world, hands)
    await suspend(world, pod.job)
    queued = await world.reason("Queued")
    (active,) = (await world.status())["active"]
    # No deadline runs meanwhile, whatever it is.
    await world.change(startupDeadlineSeconds=1, activeDeadlineSeconds=1)
    await world.shows("Queued", observedGeneration=2)
    await hands.leave(commit)
    await pod.disappear()
    await world.change(startupDeadlineSeconds=600, activeDeadlineSeconds=600)
    await world.shows("Queued", observedGeneration=3)
    await suspend(world, pod.job, suspended=False)
    second = await hands.pod(commit, after=pod.uid)
    await second.run()
    await world.reason("Training")
    await hands.work(second)
    await second.end(0)
    await settled(world, commit)

    assert ("Unknown", True) == (queued["status"], pod.job in queued["message"])
    assert ("Suspended", pod.job) == (active["state"], active["tfjob"])
    assert [(1, pod.job)] == [(m.attempt, m.tfjob) for m in await world.models()]
    assert [] == await world.told("AttemptFailed")
    await goes_on(world, hands)


async def test_a_job_that_is_resumed_before_its_pod_is_gone_is_tried_again(
    world, operator, hands
):
    commit, pod = await running(world, hands)
    await suspend(world, pod.job)
    await world.reason("Queued")
    await hands.leave(commit)
    await suspend(world, pod.job, suspended=False)
    kept = await is_tried_again(world, hands, commit, pod)

    assert "PodLost" == kept["reason"]
    await goes_on(world, hands)


async def test_a_deadline_that_somebody_gives_a_job_costs_an_attempt(
    world, operator, hands
):
    commit, pod = await running(world, hands)
    change = {"spec": {"runPolicy": {"activeDeadlineSeconds": 0}}}
    await world.kube.call("PATCH", f"{world.tfjobs}/{pod.job}", change)
    kept = await is_tried_again(world, hands, commit, pod)

    assert "PodLost" == kept["reason"]
    assert "it was active longer than specified deadline" in kept["message"]
    await goes_on(world, hands)


async def test_a_job_that_was_told_to_read_other_data_is_not_published(
    world, operator, hands
):
    """Changed while it has no pod: what a pod was told cannot be changed."""
    other = await world.push(Branch(INPUT.repo, "side"), digits=7)
    commit, pod = await running(world, hands)
    path = f"{world.tfjobs}/{pod.job}"
    await suspend(world, pod.job)
    await world.reason("Queued")
    await hands.leave(commit)
    await pod.disappear()
    job = await world.kube.call("GET", path)
    replicas = job["spec"]["tfReplicaSpecs"]
    (trainer,) = replicas["Worker"]["template"]["spec"]["containers"]
    for each in trainer["env"]:
        if each["name"] == "INPUT_BUCKET":
            each["value"] = f"{other}.side.inputrepo"
    await world.kube.call("PATCH", path, {"spec": {"tfReplicaSpecs": replicas}})
    await suspend(world, pod.job, suspended=False)
    second = await hands.pod(commit, after=pod.uid)
    await second.run()
    await hands.work(second)
    await second.end(0)
    entry = await world.decision(commit)

    assert (Decision.FAILED, "OutputInvalid") == (entry.decision, entry.reason)
    assert f"INPUT_BUCKET {other}.side.inputrepo" in entry.message
    assert [] == await world.commits()
    await goes_on(world, hands)


async def test_a_job_whose_label_was_taken_is_deleted_and_tried_again(
    world, operator, hands
):
    commit, pod = await running(world, hands)
    unlabelled = {"metadata": {"labels": {RUN_LABEL: None}}}
    await world.kube.call("PATCH", f"{world.tfjobs}/{pod.job}", unlabelled)
    await is_gone(world, pod.job)
    kept = await is_tried_again(world, hands, commit, pod)

    assert "JobLost" == kept["reason"]
    assert "its labels are" in kept["message"]
    await goes_on(world, hands, with_jobs=False)

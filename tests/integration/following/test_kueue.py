"""Kueue, or whoever else suspends a TFJob: a run that waits for its admission.

A stand-in for Kueue suspends every TFJob that carries its label, as its webhook does
before the API server has stored it, and lets go on those that the test admits.
"""

from datetime import UTC, datetime, timedelta

import pytest

from integration.following.scenes import allow, at_rest, no_jobs, states
from integration.operators import InProcess
from integration.world import EARLIEST, PODS, TFJOBS, until
from local_cluster.tfjobs.webhook import review
from mnist_operator.decisions import Decision
from mnist_operator.tfjob import COMMIT_LABEL

LABEL = "kueue.x-k8s.io/queue-name"
QUEUED = {"trainer": {"job": {"labels": {LABEL: "vision"}}}}
FEW = {"startupDeadlineSeconds": 1, "activeDeadlineSeconds": 1}
MANY = {"startupDeadlineSeconds": 600, "activeDeadlineSeconds": 600}


class Kueue:
    """Suspends what is queued, admits it on demand, and takes that back."""

    def __init__(self, world):
        self._world = world
        self._seen = set()

    def review(self, job):
        about = job["metadata"]
        fresh = about["name"] not in self._seen
        self._seen.add(about["name"])
        if fresh and LABEL in about.get("labels", {}):
            job["spec"].setdefault("runPolicy", {})["suspend"] = True
        return review(job)

    async def admit(self, commit):
        await self._suspend(commit, suspended=False)

    async def preempt(self, commit):
        await self._suspend(commit, suspended=True)

        async def no_pod():
            pods = (await self._world.kube.call("GET", PODS))["items"]
            return all(p["metadata"]["labels"][COMMIT_LABEL] != commit for p in pods)

        await until(no_pod, "the end of the pod")

    async def _suspend(self, commit, *, suspended):
        for job in await self._world.jobs():
            if job["metadata"]["labels"][COMMIT_LABEL] == commit:
                patch = {"spec": {"runPolicy": {"suspend": suspended}}}
                name = job["metadata"]["name"]
                await self._world.kube.call("PATCH", f"{TFJOBS}/{name}", patch)


@pytest.fixture(name="kueue")
def _kueue(world):
    kueue = Kueue(world)
    world.cluster.kube._api._reviews = {"tfjobs.kubeflow.org": kueue.review}
    return kueue


async def seconds_later(seconds):
    """Let so much time pass that a deadline would be over."""
    then = datetime.now(UTC) + timedelta(seconds=seconds)

    async def passed():
        return datetime.now(UTC) > then

    await until(passed, f"{seconds} seconds more")


async def test_a_queued_run_is_shown_as_such_and_trains_when_it_is_admitted(
    world, operator, kueue, watch
):
    await world.apply(**QUEUED)
    commit = await world.push(digits=1)
    ready = await world.reason("Queued")
    busy = await world.condition("Reconciling")
    (active,) = await states(world, "Suspended")
    (job,) = await world.jobs()
    pods = (await world.kube.call("GET", PODS))["items"]

    await kueue.admit(commit)
    await at_rest(world, commit)

    assert ("Unknown", "True") == (ready["status"], busy["status"])
    assert job["metadata"]["name"] in ready["message"]
    assert "is suspended" in ready["message"]
    assert (commit, 1) == (active["commit"], active["attempt"])
    assert "vision" == job["metadata"]["labels"][LABEL]
    assert [] == pods
    assert [1] == [model.attempt for model in await world.models()]
    assert [commit] == watch.commits


async def test_no_deadline_runs_while_a_run_is_queued(world, operator, kueue, watch):
    await world.apply(**QUEUED, **FEW)
    commit = await world.push(digits=1)
    await world.reason("Queued")
    await seconds_later(2)
    await world.change(**MANY, suspend=True)
    await world.shows("Queued", observedGeneration=2)
    await kueue.admit(commit)
    await world.shows("Suspended", pendingCommits=0, active=[])

    assert [commit] == await world.trained()
    assert [commit] == watch.commits
    assert [] == await world.told("AttemptFailed")


async def test_the_time_to_start_counts_from_the_admission(world, operator, kueue):
    none = {"trainer": {**QUEUED["trainer"], "image": "late:image"}}
    await world.apply(**none, startupDeadlineSeconds=1, attempts={"limit": 1})
    commit = await world.push(digits=1)
    await world.reason("Queued")
    await seconds_later(2)
    before = await world.told("AttemptFailed")
    await kueue.admit(commit)
    entry = await world.decision(commit)

    assert [] == before
    assert (Decision.FAILED, "StartupDeadlineExceeded") == (
        entry.decision,
        entry.reason,
    )


async def test_a_run_that_is_preempted_waits_again_and_is_no_failure(
    world, operator, kueue, watch, gate
):
    await world.apply(**QUEUED)
    commit = await world.push(digits=1, wait_for=str(gate))
    await world.reason("Queued")
    await kueue.admit(commit)
    await gate.reached()
    await world.reason("Training")

    await kueue.preempt(commit)
    await world.reason("Queued")
    await kueue.admit(commit)
    await gate.reached()
    gate.open()
    await at_rest(world, commit)

    assert [1] == [model.attempt for model in await world.models()]
    assert [commit] == watch.commits
    assert [] == await world.told("AttemptFailed")


async def test_what_is_admitted_out_of_order_is_published_in_order(
    world, operator, kueue
):
    await world.apply(**QUEUED, **allow(2))
    first, second = await world.push(digits=1), await world.push(digits=2)
    await states(world, "Suspended", "Suspended")
    await kueue.admit(second)
    await states(world, "Suspended", "Trained")
    await world.reason("Queued")
    before = await world.commits()
    await kueue.admit(first)
    await at_rest(world, first, second)

    assert [] == before
    assert [first, second] == await world.trained()


async def test_a_newer_commit_takes_the_place_of_a_queued_run(
    world, operator, kueue, watch
):
    await world.apply(**QUEUED, concurrencyPolicy="Replace", trigger=EARLIEST)
    first = await world.push(digits=1)
    await world.reason("Queued")
    second = await world.push(digits=2)
    await world.decision(first)

    async def two():
        return watch.commits == [first, second]

    await until(two, "the TFJob of the newer commit")
    await states(world, "Suspended")
    await kueue.admit(second)
    await at_rest(world, first, second, with_jobs=False)

    (stopped, _) = await world.entries()
    assert ("Superseded", 1) == (stopped.reason, stopped.attempt)
    assert [second] == await world.trained()


async def test_commits_wait_behind_a_queued_run(world, operator, kueue, watch):
    await world.apply(**QUEUED, trigger=EARLIEST)
    first, second = await world.push(digits=1), await world.push(digits=2)
    await world.shows("Queued", pendingCommits=2)
    before = list(watch.commits)
    await kueue.admit(first)
    await world.model_of(first)
    await world.shows("Queued", pendingCommits=1)
    await kueue.admit(second)
    await at_rest(world, first, second)

    assert [first] == before
    assert 1 == watch.most


async def test_a_queued_run_is_found_by_an_operator_that_comes_again(
    world, kueue, watch
):
    async with InProcess(world):
        await world.apply(**QUEUED, **FEW)
        commit = await world.push(digits=1)
        await world.reason("Queued")
    await seconds_later(2)
    async with InProcess(world):
        await world.change(**MANY)
        await world.shows("Queued", observedGeneration=2)
        await kueue.admit(commit)
        await at_rest(world, commit)

    assert [commit] == watch.commits
    assert 1 == len(await world.told("RunStarted"))


async def test_a_queued_run_goes_with_its_training(world, operator, kueue):
    await world.apply(**QUEUED)
    await world.push(digits=1)
    await world.reason("Queued")
    await world.delete()
    await no_jobs(world)


async def test_a_tfjob_that_its_user_suspends_goes_on_when_they_let_it(
    world, operator, kueue, watch, gate
):
    """Without Kueue's label: a hand can do the same."""
    await world.apply()
    commit = await world.push(digits=1, wait_for=str(gate))
    await gate.reached()
    await kueue.preempt(commit)
    await world.reason("Queued")
    await kueue.admit(commit)
    await gate.reached()
    gate.open()
    await at_rest(world, commit)

    assert [commit] == watch.commits


async def test_labels_and_policy_of_the_queue_reach_the_tfjob_and_not_the_pod(
    world, operator, kueue
):
    policy = {"queue": "vision", "minAvailable": 1, "priorityClass": "nightly"}
    job = {
        "labels": {LABEL: "vision", "team": "digits"},
        "annotations": {"example.com/ticket": "4711"},
        "schedulingPolicy": policy,
    }
    await world.apply(trainer={"job": job})
    commit = await world.push(digits=1)
    await world.reason("Queued")
    await kueue.admit(commit)
    await at_rest(world, commit)

    (made,) = await world.jobs()
    (pod,) = (await world.kube.call("GET", PODS))["items"]
    assert job["labels"].items() <= made["metadata"]["labels"].items()
    assert job["annotations"].items() <= made["metadata"]["annotations"].items()
    assert policy == made["spec"]["runPolicy"]["schedulingPolicy"]
    assert LABEL not in pod["metadata"]["labels"]

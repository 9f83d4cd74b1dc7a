"""A TFJob of somebody else that has the name of one of ours."""

from integration.operators import InProcess
from integration.stories import settled
from integration.world import RUNS, TFJOBS, until
from local_cluster.faults import Fault
from mnist_operator import runs
from mnist_operator.commits import Branch

SLOT = Branch(RUNS, "team_mnist_0")


async def test_it_is_taken_for_ours_without_its_labels_and_another_attempt_trains(
    world,
):
    world.faults.add(Fault("kube.create.tfjobs", (500, "no etcd"), times=None))
    async with InProcess(world):
        await world.apply(attempts={"limit": 2, "backoffSeconds": 1})
        commit = await world.push(digits=1)
        staging = await until(lambda: find_prepared(world), "a run")
    world.faults.clear()
    name = runs.job_name("mnist", staging)
    await world.kube.call("POST", TFJOBS, job_of_theirs(name))
    async with InProcess(world):
        await settled(world, commit)
    left = [job["metadata"]["name"] for job in await world.jobs()]
    entry = await world.decision(commit)

    assert [commit] == await world.trained()
    assert (2, "JobLost") == (entry.attempt, await last_reason(world, staging))
    assert [runs.job_name("mnist", entry.run)] == left


async def find_prepared(world):
    """The attempt whose TFJob is next; one that is only opened would be given up."""
    client = world.pachyderm
    staging = await client.branch_head_id(SLOT)
    asked = await client.read(RUNS, staging, runs.ATTEMPT_FILE) if staging else None
    return staging if asked else None


async def last_reason(world, staging):
    attempt = runs.read_attempt(await world.pachyderm.commit(RUNS, staging))
    return attempt.outcome.reason


def job_of_theirs(name):
    container = {"name": "tensorflow", "image": "tiny/trainer:1", "args": ["--theirs"]}
    template = {"spec": {"containers": [container], "restartPolicy": "Never"}}
    return {
        "apiVersion": "kubeflow.org/v1",
        "kind": "TFJob",
        "metadata": {"name": name},
        "spec": {"tfReplicaSpecs": {"Worker": {"replicas": 1, "template": template}}},
    }

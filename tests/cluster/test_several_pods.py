"""Several pods find one another by what the real TFJob controller tells them."""

from integration.stories import settled
from integration.world import PEERS_IMAGE, RUNS


async def test_a_chief_and_its_workers_make_one_model(world, operator):
    replicas = {"chief": 1, "worker": 2}
    await world.apply(trainer={"image": PEERS_IMAGE, "replicas": replicas})
    commit = await world.push(digits=1)
    model = await world.model_of(commit)
    await settled(world, commit)

    run = await world.pachyderm.commit(RUNS, model.run)
    kept = await world.content(RUNS, run.id, "/record.json")
    (job,) = await world.jobs()
    assert f"{model.tfjob}-chief-0" == kept["pod"]
    assert {"Chief": 1, "Worker": 2} == {
        role: spec["replicas"] for role, spec in job["spec"]["tfReplicaSpecs"].items()
    }

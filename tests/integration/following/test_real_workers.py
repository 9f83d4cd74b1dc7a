"""The trainer's own program, several of it: one model, begun from the one before."""

from integration.following.test_main_job import draw
from integration.world import (
    DATA_PATH,
    EARLIEST,
    INPUT,
    OUTPUT,
    REAL_IMAGE,
    until,
)
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.pachyderm import PutFile

_ARCHIVE = "pack(arrays())"
_ARCHIVE_TURNED = "pack({name: each[::-1] for name, each in arrays().items()})"
_TWO = {
    "image": REAL_IMAGE,
    "parameters": {"epochs": 2, "batchSize": 32},
    "replicas": {"chief": 1, "worker": 1},
    "warmStart": True,
}


async def test_two_real_workers_make_one_model_that_begins_from_the_last(
    world, operator
):
    await world.apply(trigger=EARLIEST, trainer=_TWO)
    archives = [await draw(_ARCHIVE), await draw(_ARCHIVE_TURNED)]
    models = [await _train_on(world, archive) for archive in archives]

    first, second = [
        await world.content(OUTPUT.repo, model.commit, "/run.json") for model in models
    ]
    record = await world.content(OUTPUT.repo, models[1].commit, LINEAGE_FILE)

    assert [2, 2] == [each["environment"]["workers"] for each in (first, second)]
    assert "warmStart" not in first
    assert f"{models[0].commit}.master.outputrepo" == second["warmStart"]["bucket"]
    definition = record["predicate"]["buildDefinition"]
    assert models[0].commit == definition["internalParameters"]["warmStart"]["from"]
    jobs = await world.jobs()
    assert [["Chief", "Worker"]] * 2 == [
        sorted(job["spec"]["tfReplicaSpecs"]) for job in jobs
    ]


async def _train_on(world, archive):
    commit = await world.pachyderm.start_commit(INPUT, description="")
    await world.pachyderm.modify(INPUT.repo, commit, [PutFile(DATA_PATH, archive)])
    await world.pachyderm.finish_commit(INPUT.repo, commit)

    async def trained():
        return [model for model in await world.models() if model.input_commit == commit]

    (model,) = await until(trained, "the model", seconds=240)
    return model

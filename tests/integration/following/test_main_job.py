"""Apply once; after that, pushing data makes models that name their data."""

import asyncio
import json
import os

from integration.world import (
    DATA_PATH,
    EARLIEST,
    INPUT,
    OUTPUT,
    REAL_IMAGE,
    ROOT,
    RUNS,
    TRAININGS,
    environment,
    until,
)
from local_cluster.kube.client import path_of
from mnist_operator.commits import Branch, Repo
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.pachyderm import PutFile
from mnist_operator.tfjob import COMMIT_LABEL, TFJOB_PLURAL

_INPUT, _OUTPUT = "INPUT_BUCKET", "OUTPUT_BUCKET"
_DRAW = "import sys; from trainer.samples import *; sys.stdout.buffer.write({})"


async def test_a_push_makes_one_model_that_names_its_data(world, operator):
    await world.apply()
    commit = await world.push(digits=1)

    model = await world.model_of(commit)

    assert commit == model.input_commit
    assert 1 == len(await world.commits(OUTPUT))


async def test_two_pushes_make_two_models_in_their_order(world, operator):
    await world.apply(trigger=EARLIEST)
    pushed = [await world.push(digits=1), await world.push(digits=2)]

    await world.model_of(pushed[1])

    assert pushed == await world.trained()


async def test_every_tfjob_reads_its_own_commit_and_writes_its_own_run(world, operator):
    await world.apply(trigger=EARLIEST)
    pushed = [await world.push(digits=1), await world.push(digits=2)]
    models = [await world.model_of(commit) for commit in pushed]

    jobs = {job["metadata"]["labels"][COMMIT_LABEL]: job for job in await world.jobs()}

    assert set(pushed) == set(jobs)
    for model in models:
        told = environment(jobs[model.input_commit])
        read, written = (told[each]["value"] for each in (_INPUT, _OUTPUT))
        assert f"{model.input_commit}.master.inputrepo" == read
        assert f"{model.run}.team_mnist_0.outputrepo_runs" == written


async def test_a_model_commit_holds_nothing_but_the_files_of_its_own_run(
    world, operator
):
    await world.apply(trigger=EARLIEST)
    with_metrics = await world.push(digits=1)
    without = await world.push(digits=2, leave_out="metrics.json")

    first, second = await world.model_of(with_metrics), await world.model_of(without)

    ours = [LINEAGE_FILE, "/my_model.h5", "/run.json"]
    found = await world.paths(OUTPUT.repo, first.commit)
    assert sorted([*ours, "/metrics.json"]) == sorted(found)
    assert sorted(ours) == sorted(await world.paths(OUTPUT.repo, second.commit))


async def test_description_metadata_and_record_all_name_the_input_commit(
    world, operator
):
    await world.apply()
    pushed = await world.push(digits=1)
    model = await world.model_of(pushed)

    async def indexed():
        commit = await world.pachyderm.commit(OUTPUT.repo, model.commit)
        return commit if commit.metadata else None

    commit = await until(indexed, "the metadata map")
    record = await world.content(OUTPUT.repo, model.commit, LINEAGE_FILE)
    source = record["predicate"]["buildDefinition"]["resolvedDependencies"][0]

    assert pushed == json.loads(commit.description)["inputCommit"]
    assert pushed == commit.metadata["input.commit"]
    assert f"pachyderm://default/inputrepo@{pushed}" == source["uri"]
    assert pushed == source["annotations"]["commit"]


async def test_data_pushed_during_a_run_waits_visibly_and_is_trained_after_it(
    world, operator, gate
):
    await world.apply()
    running = await world.push(digits=1, wait_for=str(gate))
    await world.reason("Training")
    waiting = await world.push(digits=2)

    async def queued():
        status = await world.status()
        return status if status["pendingCommits"] == 2 else None

    status = await until(queued, "the queue")
    gate.open()
    models = [await world.model_of(commit) for commit in (running, waiting)]
    ready = await world.reason("UpToDate")

    assert [running, waiting] == [each["commit"] for each in status["queue"]]
    assert [(running, "Running")] == [
        (each["commit"], each["state"]) for each in status["active"]
    ]
    assert "True" == ready["status"]
    for model, digits in zip(models, (1, 2), strict=True):
        written = await world.pachyderm.read(OUTPUT.repo, model.commit, "/my_model.h5")
        assert f'"digits": {digits}'.encode() in written


async def test_status_tells_the_newest_model(world, operator):
    await world.apply()
    commit = await world.push(digits=1)
    model = await world.model_of(commit)

    await world.reason("UpToDate")
    status = await world.status()

    assert model.commit == status["lastModelCommit"]
    assert commit == status["lastTrainedCommit"] == status["head"]
    assert "0.9900" == status["lastAccuracy"]
    assert status["lastSuccessfulTime"]
    assert 0 == status["pendingCommits"]
    assert [] == status["queue"] == status["active"]


async def test_trainings_of_several_names_and_namespaces_run_at_once(
    world, operator, gate
):
    await world.apply()
    await world.apply("second", output={"repo": "second"})
    elsewhere = {
        "apiVersion": "mnist-operator.dev/v1alpha1",
        "kind": "MnistTraining",
        "metadata": {"name": "mnist"},
        "spec": {"output": {"repo": "third"}},
    }
    await world.kube.call("POST", TRAININGS.replace("/team/", "/default/"), elsewhere)
    commit = await world.push(digits=1, wait_for=str(gate))

    async def together():
        found = await world.kube.call("GET", path_of("kubeflow.org/v1", TFJOB_PLURAL))
        return len(found["items"]) == 3

    await until(together, "three TFJobs")
    gate.open()
    models = [
        await world.model_of(commit, Branch(Repo("default", repo), "master"))
        for repo in ("outputrepo", "second", "third")
    ]

    assert ["team/mnist", "team/second", "default/mnist"] == [
        model.training for model in models
    ]
    assert 3 == len({model.run for model in models})


async def draw(archive: str) -> bytes:
    """Have the trainer's environment draw digits, since this one has no numpy."""
    process = await asyncio.create_subprocess_exec(
        ROOT / ".venv/trainer/bin/python",
        "-c",
        _DRAW.format(archive),
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'trainer'}:{ROOT / 'tests'}"},
        stdout=asyncio.subprocess.PIPE,
    )
    content, _ = await process.communicate()
    assert 0 == process.returncode
    return content


async def test_the_real_trainer_trains_and_its_accuracy_is_told(world, operator):
    await world.apply(
        trainer={"image": REAL_IMAGE, "parameters": {"epochs": 1, "batchSize": 32}}
    )
    commit = await world.pachyderm.start_commit(INPUT, description="")
    content = await draw("pack(arrays())")
    await world.pachyderm.modify(INPUT.repo, commit, [PutFile(DATA_PATH, content)])
    await world.pachyderm.finish_commit(INPUT.repo, commit)

    async def trained():
        return [model for model in await world.models() if model.input_commit == commit]

    (model,) = await until(trained, "the model", seconds=120)
    await world.reason("UpToDate")
    status = await world.status()
    metrics = await world.content(OUTPUT.repo, model.commit, "/metrics.json")
    paths = await world.paths(OUTPUT.repo, model.commit)
    log = await world.pachyderm.read(RUNS, model.run, "/log.txt")

    assert {"/my_model.h5", "/report/training_curve.png", "/run.json"} < set(paths)
    assert f"{metrics['accuracy']:.4f}" == status["lastAccuracy"] == model.accuracy
    assert b"epoch" in log.lower()

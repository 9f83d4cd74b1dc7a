"""mnistctl reproduce: a model is made again by its record, and held against it."""

import pytest

from integration.following.test_main_job import draw
from integration.mnistctl_world import Running, fork_mnistctl
from integration.operators import InProcess
from integration.reproductions import (
    REPRODUCTIONS,
    SALTED,
    WORSE,
    environment,
    reproducer,
    stage,
    train,
)
from integration.world import DATA_PATH, INPUT, OUTPUT, REAL_IMAGE, RUNS, until
from mnist_operator.commits import CommitState
from mnist_operator.pachyderm import PutFile
from mnist_operator.runs import read_attempt


@pytest.fixture(name="world")
async def _world(tmp_path, monkeypatch):
    async with stage(tmp_path, monkeypatch) as world:
        yield world


@pytest.fixture(name="reproduce")
def _reproduce(world):
    return reproducer(world)


async def test_a_model_is_made_again_with_the_same_bytes_while_the_operator_works(
    world, reproduce
):
    await world.apply()
    async with InProcess(world):
        model = await world.model_of(await world.push(digits=1))
        await world.reason("UpToDate")
        before = [job["metadata"]["name"] for job in await world.jobs()]

        answer = await reproduce("-o", "json")

        assert 0 == answer.status
        again = await world.model_of(await world.push(digits=2))
    found = answer.json
    run = found["run"]["commit"]
    commit = await world.pachyderm.commit(RUNS, run)
    assert ("IdenticalBytes", []) == (found["verdict"], found["differences"])
    assert model.input_commit == found["inputCommit"]
    assert {"seed": 7} == found["parameters"]
    assert found["image"]["asked"] == found["image"]["ran"]
    assert CommitState.FINISHED is commit.state
    assert read_attempt(commit) is None
    # The operator neither saw it nor deleted it, and mnistctl has tidied up.
    assert [model.commit, again.commit] == [m.commit for m in await world.models()]
    assert before == [job["metadata"]["name"] for job in await world.jobs()][:-1]
    logs = await fork_mnistctl("logs", run, **environment(world))
    assert (0, "epoch 1/1\n") == (logs.status, logs.out)
    assert f"outputrepo_runs@{run}:/log.txt (reproduction of default/" in logs.err


async def test_people_read_the_verdict_first_and_every_input_that_differs(
    world, reproduce
):
    await train(world, digits=1)

    close = await reproduce("--image", SALTED)
    far = await reproduce("--image", WORSE)

    assert 0 == close.status
    assert close.out.startswith("Model default/outputrepo@")
    assert ": metric within tolerance\n" in close.out
    assert "  environment salt: was empty, is x\n" in close.out
    assert "Note: it ran image tiny/salted:1, which was named by hand" in close.out
    assert 4 == far.status
    assert ": NOT REPRODUCED\n" in far.out
    assert "the accuracy is 0.9, and was 0.99: 0.09 apart, more than 0.005" in far.out
    assert "  image: was " in far.out


async def test_all_it_takes_is_the_record_and_the_data(world, reproduce, tmp_path):
    model = await train(world, digits=1)
    folder = tmp_path / "downloaded"
    folder.mkdir()
    for path in await world.paths(OUTPUT.repo, model.commit):
        content = await world.pachyderm.read(OUTPUT.repo, model.commit, path)
        (folder / path.lstrip("/")).write_bytes(content)
    async with InProcess(world):
        await world.delete()

    async def gone():
        return not await world.jobs()

    await until(gone, "the end of the TFJobs")
    s3 = ("--s3-endpoint", world.cluster.s3_endpoint)

    lost = await reproduce()
    found = await reproduce(*s3, "-o", "json", reference=str(folder))
    (folder / "my_model.h5").write_bytes(b"another")
    forged = await reproduce(*s3, reference=str(folder))
    await world.pachyderm.drop_commit(OUTPUT.repo, model.commit)
    dropped = await reproduce(*s3)

    assert (1, "") == (lost.status, lost.out)
    assert "name it with --s3-endpoint" in lost.err
    assert (0, "IdenticalBytes") == (found.status, found.json["verdict"])
    assert 4 == forged.status
    assert "is not what its record says: my_model.h5 has sha256" in forged.err
    assert 3 == dropped.status


async def test_what_cannot_be_run_again_is_said_before_anything_is_started(
    world, reproduce
):
    # With Native nobody can drop the data.
    model = await train(world, digits=1, provenance="Metadata")
    commit = await world.pachyderm.commit(OUTPUT.repo, model.commit)
    await until(lambda: _indexed(world, model.commit), "the metadata map")
    await world.pachyderm.edit_metadata(
        OUTPUT.repo, model.commit, {"input.commit": "0" * 32}
    )

    forged = await reproduce()
    await world.pachyderm.edit_metadata(
        OUTPUT.repo, model.commit, {"input.commit": model.input_commit}
    )
    await world.pachyderm.drop_commit(INPUT.repo, model.input_commit)
    gone = await reproduce()

    assert (4, "") == (forged.status, forged.out), forged.err
    assert 1 == forged.err.count("\n"), forged.err
    assert f"{commit} cannot be reproduced, for its record" in forged.err
    assert (4, "", 1) == (gone.status, gone.out, gone.err.count("\n"))
    assert f"inputrepo@{model.input_commit} is gone: it was squashed" in gone.err
    assert await world.pachyderm.branch_head_id(REPRODUCTIONS) is None


async def _indexed(world, commit):
    return (await world.pachyderm.commit(OUTPUT.repo, commit)).metadata


async def test_the_real_trainer_makes_the_same_bytes_again(world):
    """On the same kind of CPU: the same bytes also of what it draws."""
    await world.apply(
        trainer={"image": REAL_IMAGE, "parameters": {"epochs": 1, "batchSize": 32}}
    )
    content = await draw("pack(arrays())")
    commit = await world.pachyderm.start_commit(INPUT, description="")
    await world.pachyderm.modify(INPUT.repo, commit, [PutFile(DATA_PATH, content)])
    await world.pachyderm.finish_commit(INPUT.repo, commit)
    async with InProcess(world):
        await until(world.models, "the model", seconds=240)

    # Each line may take as long as a deadline of the other tests.
    command = ("reproduce", "outputrepo@master", "--exact", "-o", "json")
    async with Running(*command, **environment(world)) as process:
        await process.line("is Running", "stderr")
        await process.line("is Succeeded", "stderr")
        answer = await process.end()

    found = answer.json
    differing = {f["path"] for f in found["files"] if f["state"] != "identical"}
    assert (0, "IdenticalBytes") == (answer.status, found["verdict"])
    assert differing <= {f["path"] for f in found["files"] if f["holdsTimes"]}
    assert "/report/confusion_matrix.png" in {f["path"] for f in found["files"]}
    assert [] == found["differences"]

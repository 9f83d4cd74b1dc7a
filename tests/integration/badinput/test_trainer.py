"""A trainer that ends well and writes what it must not: published is none of it."""

import pytest

from integration.world import EARLIEST, OUTPUT, REAL_IMAGE, RUNS
from mnist_operator.decisions import Decision


@pytest.mark.parametrize(
    ("also", "told"),
    [
        pytest.param(
            {"lineage.json": '{"by": "the trainer"}'},
            "/lineage.json, which is the operator's to write",
            id="a-record-of-its-own",
        ),
        pytest.param(
            {"weights.bin": "not in its list"},
            "/run.json does not agree with the files: /weights.bin",
            id="a-file-too-many",
        ),
        pytest.param(
            {"my_model.h5": "another model"},
            "/run.json does not agree with the files: /my_model.h5",
            id="another-model",
        ),
        pytest.param(
            {"run.json": '{"metrics": [], "files": 7}'},
            "/run.json cannot go into a record: files must be a JSON array",
            id="a-list-that-is-none",
        ),
        pytest.param(
            {"attempt.json": "{}"},
            "/attempt.json was changed while the job ran",
            id="the-operators-own-file",
        ),
    ],
)
async def test_a_run_that_writes_what_it_must_not_is_not_published(
    world, operator, also, told
):
    await world.apply(trigger=EARLIEST)
    wrong = await world.push(digits=1, also=also)
    sound = await world.push(digits=2)
    entry = await world.decision(wrong)
    await world.model_of(sound)
    written = await world.paths(RUNS, entry.run)

    assert (Decision.FAILED, "OutputInvalid") == (entry.decision, entry.reason)
    assert told in entry.message
    assert told in (await world.told("TrainingFailed"))[0]
    assert [sound] == await world.trained()
    assert 1 == len(await world.commits(OUTPUT))
    assert {f"/{path}" for path in also} <= set(written)


async def test_a_parameter_that_the_trainer_refuses_is_told_with_its_bounds(
    world, operator
):
    """The real trainer, with a parameter that is a number for the API server."""
    zero = {"parameters": {"learningRate": "0"}}
    await world.apply(trainer={"image": REAL_IMAGE, **zero})
    commit = await world.push(digits=1)
    entry = await world.decision(commit)

    await world.change(trainer={"image": None, "parameters": None})
    following = await world.push(digits=2)
    await world.model_of(following)

    assert (Decision.FAILED, "InvalidConfiguration") == (entry.decision, entry.reason)
    for told in ("Exit code 2", "learningRate is '0'", "give a number from"):
        assert told in entry.message


async def test_a_storage_that_does_not_answer_is_tried_again(world, operator):
    """The real trainer, whose exit code 175 says so; the next one finds the storage."""
    await world.apply(
        pachyderm={"s3Endpoint": "127.0.0.1:1"},
        attempts={"backoffSeconds": 3600},
        trainer={
            "image": REAL_IMAGE,
            "env": [{"name": "AWS_MAX_ATTEMPTS", "value": "1"}],
        },
    )
    commit = await world.push(digits=1)
    retrying = await world.reason("Retrying")
    (failed,) = await world.told("AttemptFailed")

    await world.change(
        pachyderm={"s3Endpoint": None},
        attempts={"backoffSeconds": 0},
        trainer={"image": None},
    )
    model = await world.model_of(commit)

    assert 2 == model.attempt
    for told in (retrying["message"], failed):
        assert "StorageUnreachable: Exit code 175" in told
        assert "127.0.0.1:1" in told

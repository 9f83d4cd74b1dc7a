"""Data that cannot be trained on: the real trainer says why, and the next one goes on.

All of it is pushed to one training, two runs at a time: a run costs what it takes to
import TensorFlow.
"""

import asyncio
import os

import pytest
import pytest_asyncio

from integration.operators import InProcess
from integration.world import (
    DATA_PATH,
    EARLIEST,
    INPUT,
    OUTPUT,
    REAL_IMAGE,
    ROOT,
    RUNS,
    until,
)
from mnist_operator.decisions import Decision
from mnist_operator.pachyderm import DeletePath, PutFile

pytestmark = pytest.mark.asyncio(loop_scope="module")

_SPEC = {
    "trigger": EARLIEST,
    "concurrencyPolicy": "Allow",
    "stopAfterFailures": 0,
    "trainer": {
        "image": REAL_IMAGE,
        "parameters": {"epochs": 1, "batchSize": 32},
    },
}
_DATA, _MISSING = ("InvalidData", 10), ("InputMissing", 11)


@pytest_asyncio.fixture(name="pushed", scope="module", loop_scope="module")
async def _pushed(shared, tmp_path_factory):
    """Push every case and then sound data; by name, the commits, all decided."""
    folder = tmp_path_factory.mktemp("archives")
    await draw(folder)
    written = {path.name for path in folder.iterdir()} - {"sound"}
    names = ["empty-commit", "file-missing", *sorted(written), "sound"]
    commits = {name: await push(shared, name, folder) for name in names}
    async with InProcess(shared):
        await shared.apply(**_SPEC)

        async def decided():
            ledger = await shared.ledger()
            return set(commits.values()) <= ledger.decided

        await until(decided, "the end of all", seconds=300)
        await shared.reason("UpToDate")
    return commits


async def draw(folder):
    process = await asyncio.create_subprocess_exec(
        ROOT / ".venv/trainer/bin/python",
        ROOT / "tests/integration/badinput/archives.py",
        folder,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'trainer'}:{ROOT / 'tests'}"},
    )
    assert 0 == await process.wait()


async def push(world, name, folder):
    commit = await world.pachyderm.start_commit(INPUT, description=name)
    changes = [DeletePath("/")]
    if name == "file-missing":
        changes.append(PutFile("/mnist.npz", (folder / "sound").read_bytes()))
    elif name != "empty-commit":
        changes.append(PutFile(DATA_PATH, (folder / name).read_bytes()))
    await world.pachyderm.modify(INPUT.repo, commit, changes)
    await world.pachyderm.finish_commit(INPUT.repo, commit)
    # The next one deletes what it inherits, which must be finished by then.
    await world.pachyderm.commit(INPUT.repo, commit, wait_finished=True)
    return commit


@pytest.mark.parametrize(
    ("name", "end", "words"),
    [
        pytest.param(
            "empty-commit",
            _MISSING,
            ["/data/mnist.npz does not exist", "check"],
            id="empty-commit",
        ),
        pytest.param(
            "file-missing",
            _MISSING,
            ["/data/mnist.npz does not exist", "and the path"],
            id="file-missing",
        ),
        pytest.param(
            "not-an-npz", _DATA, ["is no .npz archive", "numpy.savez"], id="not-an-npz"
        ),
        pytest.param(
            "pickle",
            _DATA,
            ["x_train holds Python objects", "never unpickled"],
            id="pickle",
        ),
        pytest.param(
            "wrong-keys",
            _DATA,
            ["x_train.npy is missing", "images.npy", "savez"],
            id="wrong-keys",
        ),
        pytest.param(
            "wrong-shape",
            _DATA,
            ["x_train has the shape (60, 784)", "(count, height, width)"],
            id="wrong-shape",
        ),
        pytest.param(
            "wrong-type",
            _DATA,
            ["y_train has the type float32", "astype('uint8')"],
            id="wrong-type",
        ),
        pytest.param(
            "labels-out-of-range",
            _DATA,
            ["labels from 0 to 1000", "from 0 to 999"],
            id="labels-out-of-range",
        ),
        pytest.param("nan", _DATA, ["x_train holds NaN", "0..255"], id="nan"),
        pytest.param(
            "no-images", _DATA, ["x_train is empty", "at least one"], id="no-images"
        ),
    ],
)
async def test_data_that_cannot_be_trained_on_fails_with_the_trainers_words(
    shared, pushed, name, end, words
):
    (reason, code), commit = end, pushed[name]
    (entry,) = [each for each in await shared.entries() if each.commit == commit]
    kept = await shared.content(RUNS, entry.run, "/record.json")
    told = [each for each in await shared.told("TrainingFailed") if commit in each]

    assert (Decision.FAILED, reason, 1) == (entry.decision, entry.reason, entry.attempt)
    assert (reason, code, False) == (
        kept["reason"],
        kept["exitCode"],
        kept["retryable"],
    )
    again = f"mnistctl retrain team/mnist --commit {commit}"
    mend = f"(not trained again by itself; once the cause is mended: {again})"
    assert [f"Input commit {commit}: {reason}: {entry.message} {mend}"] == told
    assert f"Exit code {code}." in entry.message
    for each in words:
        assert each in entry.message


async def test_sound_data_after_all_of_these_is_trained(shared, pushed):
    ready = await shared.condition()

    assert [pushed["sound"]] == await shared.trained()
    assert "True" == ready["status"]
    assert 1 == len(await shared.commits(OUTPUT))
